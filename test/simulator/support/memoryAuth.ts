/**
 * An auth state in memory for the real client: values go through JSON as they would to a store, so that nothing is shared.
 */
import {
  BufferJSON,
  initAuthCreds,
  proto,
  type AuthenticationState,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';

/** Credentials of a client that was never paired. */
export function createMemoryAuth(): AuthenticationState {
  const store = new Map<string, string>();

  function read<T extends keyof SignalDataTypeMap>(type: T, id: string): SignalDataTypeMap[T] | undefined {
    const saved = store.get(`${type} ${id}`);
    if (saved === undefined) return undefined;
    const value: unknown = JSON.parse(saved, BufferJSON.reviver);
    if (type !== 'app-state-sync-key') return value as SignalDataTypeMap[T];
    return proto.Message.AppStateSyncKeyData.fromObject(value as object) as unknown as SignalDataTypeMap[T];
  }

  return {
    creds: initAuthCreds(),
    keys: {
      get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        const found: { [id: string]: SignalDataTypeMap[T] } = {};
        for (const id of ids) {
          const value = read(type, id);
          if (value !== undefined) found[id] = value;
        }
        return found;
      },
      set(data: SignalDataSet) {
        for (const [type, values] of Object.entries(data)) {
          for (const [id, value] of Object.entries(values)) {
            if (value === null) store.delete(`${type} ${id}`);
            else store.set(`${type} ${id}`, JSON.stringify(value, BufferJSON.replacer));
          }
        }
      },
    },
  };
}
