// Debian 12's Node 18 has Web Crypto, but not as a global, where Better Auth
// looks for it.  To be imported before Better Auth.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
