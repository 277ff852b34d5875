// The nginx between the SDKs and their providers.  Who asks is told by the key
// that the SDK was given; the provider gets its own.
import { Nginx } from '../support/nginx.mjs';
import { freePorts } from '../support/ports.mjs';
import { KEY } from './providers/scenes.mjs';

// the dialect of each API, and where its key goes
const APIS = {
    openai: { dialect: 'openai', bearer: true },
    groq: { dialect: 'openai', bearer: true },
    // it says its usage unasked, and its SDK shows that
    openrouter: { dialect: 'openai', bearer: true,
        more: 'credits_include_usage off;' },
    anthropic: { dialect: 'anthropic', header: 'X-Api-Key' },
    gemini: { dialect: 'gemini', header: 'X-Goog-Api-Key' },
    mistral: { dialect: 'mistral', bearer: true },
    cohere: { dialect: 'cohere', bearer: true },
    ollama: { dialect: 'ollama' },
};

// the provider's key in the header where it is looked for, none in others
const keys = ({ bearer, header }) => Object.entries({
    'Authorization': bearer ? `Bearer ${KEY}` : '',
    'X-Api-Key': '', 'X-Goog-Api-Key': '',
    ...header && { [header]: KEY },
}).map(([name, value]) => `proxy_set_header ${name} "${value}";`).join(' ');

const location = (api, port) => `
        location /${api}/ {
            credits on;
            credits_api ${APIS[api].dialect}; ${APIS[api].more ?? ''}
            proxy_pass http://127.0.0.1:${port}/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            ${keys(APIS[api])}
            proxy_buffering off;
            proxy_ignore_client_abort on;
        }`;

const http = (port, providers) => `
    credits_database env:TEST_NGINX_DATABASE_URL;
    credits_zone credits:2m;
    credits_journal journal;
    credits_unit 1;

    map $http_authorization$http_x_api_key$http_x_goog_api_key $caller {
        "~(?<key>user-[\\w-]+)$" $key;
    }

    server {
        listen 127.0.0.1:${port};
        credits_user $caller;
${Object.entries(providers).map(([api, at]) => location(api, at)).join('')}
    }
`;


// providers: the port of each API's stand-in
export async function startNginx(providers) {
    const [port] = freePorts(1);
    const nginx = new Nginx({ port, http: http(port, providers) });

    await nginx.start();
    return nginx;
}
