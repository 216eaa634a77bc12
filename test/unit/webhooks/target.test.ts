import { GatewayError } from '../../../gateway/src/domain/error.js';
import { isPublicAddress } from '../../../gateway/src/net/address.js';
import { parsePrivateTargets } from '../../../gateway/src/net/privateTargets.js';
import { createTargetGuard } from '../../../gateway/src/net/targetGuard.js';

/** Names that exist in these tests. No test asks a real name server. */
const NAMES: Record<string, string[]> = {
  'example.com': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'mixed.example': ['93.184.215.14', '10.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
  'ula.example': ['fd12:3456::1'],
  localhost: ['127.0.0.1', '::1'],
  'sub.localhost': ['127.0.0.1'],
  n8n: ['172.18.0.4'],
  'intern.example': ['10.20.30.40'],
};

const resolve = (name: string): Promise<string[]> => {
  const addresses = NAMES[name];
  return addresses
    ? Promise.resolve(addresses)
    : Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
};

const guardWith = (list: string) => createTargetGuard({ privateTargets: parsePrivateTargets(list), resolve });

const PUBLIC = [
  'http://example.com/',
  'https://example.com/hook?token=1#part',
  'https://example.com:8443/',
  'HTTPS://EXAMPLE.COM/',
  'https://example.com./',
  'http://8.8.8.8/',
  'http://8.8.8.8:8080/path',
  'http://[2606:4700:4700::1111]/',
  'http://[2606:4700:4700:0:0:0:0:1111]:8080/',
  'http://1.1.1.1',
];

const FORBIDDEN = [
  // loopback and unspecified
  'http://127.0.0.1/',
  'http://127.255.255.254/',
  'http://0.0.0.0/',
  'http://0.1.2.3/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::]/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://sub.localhost/',
  // private networks
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://[fd00::1]/',
  'http://[fc00::1]/',
  'http://[fec0::1]/',
  // link-local, carrier-grade NAT and metadata services
  'http://169.254.1.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://192.0.0.192/',
  'http://168.63.129.16/',
  'http://[fd00:ec2::254]/',
  // multicast, broadcast, reserved and documentation
  'http://224.0.0.1/',
  'http://239.255.255.250/',
  'http://255.255.255.255/',
  'http://240.0.0.1/',
  'http://192.88.99.1/',
  'http://198.18.0.1/',
  'http://192.0.2.1/',
  'http://198.51.100.1/',
  'http://203.0.113.1/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  'http://[3fff::1]/',
  'http://[100::1]/',
  'http://[5f00::1]/',
  // IPv6 addresses that carry an IPv4 address
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[::ffff:0:127.0.0.1]/',
  // other spellings of IPv4 addresses, of public ones too
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://0x7f.0.0.1/',
  'http://0x7f000001/',
  'http://127.1/',
  'http://127.0.1/',
  'http://127.0.0.1./',
  'http://134744072/',
  'http://010.8.8.8/',
  'http://１２７.0.0.1/',
  'http:\\\\2130706433\\',
  // names that lead to private addresses
  'http://loopback.example/',
  'http://loopback6.example/',
  'http://mixed.example/',
  'http://mapped.example/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://nat64.example/',
  'http://ula.example/',
  'http://n8n:5678/',
  // credentials, other schemes, and what is no URL
  'http://user@example.com/',
  'http://user:password@example.com/',
  'http://:password@example.com/',
  'https://example.com@127.0.0.1/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'ws://example.com/',
  'javascript:alert(1)',
  'data:text/plain,x',
  '//example.com/',
  'example.com',
  'http://',
  'http://127.0.0.1:99999/',
  'http://exa mple.com/',
  '',
];

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'allowed',
    (error: unknown) => (error instanceof GatewayError ? error.code : error),
  );

describe('the target guard', () => {
  const guard = guardWith('');

  test.each(PUBLIC)('allows %s', async (url) => {
    await expect(guard.checkResolved(url)).resolves.toBeInstanceOf(URL);
  });

  test.each(FORBIDDEN)('refuses %s', async (url) => {
    expect(await refusal(guard.checkResolved(url))).toBe('target_not_allowed');
  });

  test('the table covers at least 60 forbidden targets', () => {
    expect(new Set(FORBIDDEN).size).toBeGreaterThanOrEqual(60);
  });

  test('a name that does not exist yet passes the check, and is checked again for the connection', async () => {
    await expect(guard.checkResolved('http://later.example/')).resolves.toBeInstanceOf(URL);
    await expect(guard.addressesFor('later.example', 80)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(guard.addressesFor('loopback.example', 80)).rejects.toMatchObject({
      code: 'target_not_allowed',
    });
  });

  test('says nothing of the address behind a name', async () => {
    const error: unknown = await guard.checkResolved('http://n8n:5678/').catch((reason: unknown) => reason);
    expect(String(error)).toContain('private');
    expect(String(error)).not.toContain('172.18');
  });
});

describe('private targets that the operator allows', () => {
  const guard = guardWith(
    ' localhost:5678, 127.0.0.1:5678,[::1]:5678 ,n8n:5678,10.20.0.0/16,fd12::/16,Printer.Local',
  );

  test.each([
    'http://localhost:5678/webhook/1',
    'http://127.0.0.1:5678/',
    'http://[::1]:5678/',
    'http://n8n:5678/',
    'http://N8N:5678/',
    'http://10.20.30.40:9000/',
    'http://intern.example/',
    'http://[fd12:3456::1]/',
    'http://ula.example:81/',
  ])('allows %s', async (url) => {
    await expect(guard.checkResolved(url)).resolves.toBeInstanceOf(URL);
  });

  test.each([
    'http://localhost:5679/',
    'http://localhost/',
    'http://127.0.0.1/',
    'http://127.0.0.2:5678/',
    'http://n8n/',
    'http://10.21.0.1/',
    'http://mixed.example/',
    'http://[::ffff:10.20.0.1]/',
    'http://2130706433:5678/',
    'http://user@localhost:5678/',
  ])('still refuses %s', async (url) => {
    expect(await refusal(guard.checkResolved(url))).toBe('target_not_allowed');
  });

  test('compares names without regard to case', () => {
    const targets = parsePrivateTargets('Printer.Local');
    expect(targets.allowsHost('printer.local', 9100)).toBe(true);
    expect(targets.allowsHost('printer.local.evil.example', 9100)).toBe(false);
  });

  test.each([
    ['http://n8n:5678', 'is a URL'],
    ['n8n:0', 'no valid port'],
    ['n8n:70000', 'no valid port'],
    ['n8n:http', 'no valid port'],
    ['10.0.0.0/33', 'prefix longer'],
    ['10.0.0/8', 'not a range'],
    ['fd00::/129', 'prefix longer'],
    ['10.0.0.0/8/8', 'not a range'],
    ['n8n/8', 'not a range'],
    ['127.1', 'not a complete IP address'],
    ['2130706433', 'not a complete IP address'],
    ['*.example.com', 'not a host'],
    ['user@host', 'not a host'],
    ['[::1', 'not a host'],
  ])('refuses the list entry %s', (entry, problem) => {
    expect(() => parsePrivateTargets(`localhost:1,${entry}`)).toThrow(problem);
    expect(() => parsePrivateTargets(`localhost:1,${entry}`)).toThrow(`"${entry}"`);
  });
});

test.each(['fe80::1%eth0', '1.2.3', '', 'example.com', '1.2.3.4.5', '01.2.3.4'])(
  'isPublicAddress is false for %s, which is no plain address',
  (text) => {
    expect(isPublicAddress(text)).toBe(false);
  },
);
