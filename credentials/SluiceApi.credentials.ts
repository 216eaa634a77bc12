/**
 * The credential of all nodes: where the gateway is and the API key for it.
 * n8n puts the key into each request as `authenticate` says; its test is in nodes/shared/credentialTest.ts, which every
 * node names as `testedBy`.
 */
import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

export class SluiceApi implements ICredentialType {
  name = 'sluiceApi';

  displayName = 'Sluice API';

  icon: Icon = { light: 'file:sluice.svg', dark: 'file:sluice.dark.svg' };

  documentationUrl = 'https://github.com/sluice-wa/n8n-nodes-sluice/blob/main/docs/n8n/README.md#credential';

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
}
