/**
 * n8n's credentials helper for tests: one credential, given in clear, put into requests as the credential type says.
 * Used by engine.ts. n8n's own helper lives in its command line package, which is too large to install here.
 */
import {
  ICredentialsHelper,
  type IAuthenticateGeneric,
  type ICredentialDataDecryptedObject,
  type ICredentials,
  type IHttpRequestOptions,
  type INode,
  type INodeProperties,
  type Workflow,
} from 'n8n-workflow';

import { SluiceApi } from '../../../credentials/SluiceApi.credentials';

export const BASE_URL = 'http://127.0.0.1:3777';
export const API_KEY = 'slk_test_0123456789';

const type = new SluiceApi();

export class TestCredentials extends ICredentialsHelper {
  constructor(private readonly data: ICredentialDataDecryptedObject) {
    super();
  }

  getParentTypes(): string[] {
    return [];
  }

  async authenticate(
    ...[credentials, , options, workflow, node]: [
      ICredentialDataDecryptedObject,
      string,
      IHttpRequestOptions,
      Workflow,
      INode,
    ]
  ): Promise<IHttpRequestOptions> {
    const { headers = {} } = (type.authenticate satisfies IAuthenticateGeneric).properties;
    const resolved = Object.entries(headers).map(([name, value]) => [
      name,
      workflow.expression.getSimpleParameterValue(node, value as string, 'manual', {
        $credentials: credentials,
      }),
    ]);
    const own = Object.fromEntries(resolved) as Record<string, string>;
    return await Promise.resolve({ ...options, headers: { ...options.headers, ...own } });
  }

  async preAuthentication(): Promise<undefined> {
    await Promise.resolve(undefined);
  }

  async getCredentials(): Promise<ICredentials> {
    return await Promise.reject(new Error('Not needed in these tests'));
  }

  async getDecrypted(): Promise<ICredentialDataDecryptedObject> {
    return await Promise.resolve({ ...this.data });
  }

  async updateCredentials(): Promise<void> {
    await Promise.reject(new Error('Not needed in these tests'));
  }

  async updateCredentialsOauthTokenData(): Promise<void> {
    await Promise.reject(new Error('Not needed in these tests'));
  }

  getCredentialsProperties(): INodeProperties[] {
    return type.properties;
  }
}
