// Sign-in for the demo: Better Auth behind nginx, at /api/auth/.
//
// DATABASE_URL        where its tables live; they are made at the start
// BETTER_AUTH_SECRET  signs the cookie; nginx checks it with the same secret
// PORT                of the site, as the browser sees it
// AUTH_PORT           to listen on at 127.0.0.1; 0 or unset: any free port
import './webcrypto.mjs';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const { DATABASE_URL, BETTER_AUTH_SECRET, PORT, AUTH_PORT = 0 } = process.env;
const site = `http://127.0.0.1:${PORT}`;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5 });
// an idle connection that Postgres closed; the pool opens another one
pool.on('error', (error) => console.error(`postgres: ${error.message}`));

const options = {
    baseURL: site,
    basePath: '/api/auth',
    secret: BETTER_AUTH_SECRET,
    database: pool,
    trustedOrigins: [site, `http://localhost:${PORT}`],
    emailAndPassword: { enabled: true },
    advanced: {
        // nginx sets it, whatever the client sent
        ipAddress: { ipAddressHeaders: ['x-forwarded-for'] },
    },
    rateLimit: {
        enabled: true,
        window: 60,
        max: 300,
        customRules: {
            '/sign-in/email': { window: 60, max: 20 },
            '/sign-up/email': { window: 60, max: 20 },
        },
    },
    telemetry: { enabled: false },
};

const { runMigrations } = await getMigrations(options);
await runMigrations();

const server = createServer(toNodeHandler(betterAuth(options)));
server.keepAliveTimeout = 0;  // nginx keeps the connections

server.listen(AUTH_PORT, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
    server.close(() => pool.end());
    server.closeAllConnections();
});
