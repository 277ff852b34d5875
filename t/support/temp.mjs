// For the http {} of an nginx that a test starts.
import { fileURLToPath } from 'node:url';

export const TEMP_PATHS
    = fileURLToPath(new URL('temp.conf', import.meta.url));
