/**
 * The credential of all nodes: where the gateway is and the API key for it.
 * n8n puts the key into each request as `authenticate` says and tries it with `test`.
 */
import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class SluiceApi implements ICredentialType {
  name = 'sluiceApi';

  displayName = 'Sluice API';

  icon: Icon = { light: 'file:sluice.svg', dark: 'file:sluice.dark.svg' };

  documentationUrl = 'https://github.com/sluice-wa/n8n-nodes-sluice#credential';

  properties: INodeProperties[] = [
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      default: 'http://127.0.0.1:3777',
      required: true,
      placeholder: 'e.g. http://host.docker.internal:3777',
      description:
        'Where the Sluice gateway listens. If n8n runs in Docker, 127.0.0.1 is the container itself: use http://host.docker.internal:3777 or the service name of the gateway.',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      placeholder: 'e.g. slk_live_...',
      description:
        'A key of the gateway. The role "sender" is enough to send; the trigger and Session QR need "operator".',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { 'X-API-Key': '={{ $credentials.apiKey }}' } },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{ $credentials.baseUrl.trim().replace(/[/]+$/, "") }}',
      url: '/v1/whoami',
    },
    // n8n goes through rules of both kinds; its type allows one kind at a time.
    rules: [
      {
        type: 'responseCode',
        properties: { value: 401, message: 'The gateway does not know this API key, or it has expired' },
      },
      {
        type: 'responseCode',
        properties: { value: 404, message: 'This address is not a Sluice gateway: check the base URL' },
      },
      {
        type: 'responseSuccessBody',
        properties: {
          key: 'role',
          value: 'reader',
          message: 'This key may only read. Use a key with the role sender or operator.',
        },
      },
    ] as ICredentialTestRequest['rules'],
  };
}
