#!/usr/bin/perl

# tools/check-layers sees what it is for: each tree below breaks one rule, and
# no other.

use v5.36;

use lib 't/tools';
use Test::More;
use Tree;

my $m = 'ngx_http_credits_module';

# a module and a site in which all is well
my %sound = (
    "$m/core/credits_price.h" => "int credits_price(int n);\n",
    "$m/core/credits_price.c" => <<'C',
#include "credits_price.h"


int
credits_price(int n)
{
    return n;
}
C
    "$m/core/credits_document.h" => "int credits_document(void);\n",
    "$m/core/credits_document.c" => <<'C',
#include <cjson/cJSON.h>

#include "credits_document.h"


int
credits_document(void)
{
    return cJSON_Null;
}
C
    "$m/core/credits_price_list.h" => "int credits_price_list(void);\n",
    "$m/core/credits_price_list.c" => <<'C',
#include <cjson/cJSON.h>

#include "credits_price_list.h"


int
credits_price_list(void)
{
    return cJSON_Object;
}
C
    "$m/engine/ngx_credits_wire.h" => "int ngx_credits_wire(void *);\n",
    "$m/engine/ngx_credits_wire.c" => <<'C',
#include <libpq-fe.h>

#include "ngx_credits_wire.h"
#include "../core/credits_price.h"


int
ngx_credits_wire(void *conn)
{
    return credits_price(PQsocket(conn));
}
C
    "$m/http/ngx_http_credits_compat.h" => "#if (nginx_version)\n#endif\n",
    "$m/http/ngx_http_credits_wait.h" => <<'C',
void ngx_http_credits_wait(ngx_http_request_t *r);
C
    "$m/http/ngx_http_credits_wait.c" => <<'C',
/* PQexec() would block, usleep(1) too: a comment calls nothing */

#include <ngx_http.h>

#include "ngx_http_credits_wait.h"
#include "ngx_http_credits_compat.h"
#include "../engine/ngx_credits_wire.h"


void
ngx_http_credits_wait(ngx_http_request_t *r)
{
    ngx_credits_wire("system(1)");

    r->read_event_handler = ngx_http_block_reading;
}
C
    'web/src/lib/chat/purify.ts' => "import { A } from './policy';\n",
    'web/src/lib/chat/policy.ts' => "export const A = 1;\n",
    'web/src/lib/chat/sanitize.ts' => <<'TS',
// import { nothing } from './Chat.svelte';
import type { A } from '$lib/chat/policy';
import DOMPurify from 'dompurify';

export const load = async () => (await import('./purify')).fill;
TS
    'web/src/lib/chat/Chat.svelte' => <<'SVELTE',
<script lang="ts">
    import {
        load
    } from './sanitize';
</script>
SVELTE
);


# name => [the rule, a line of its finding, the files that differ]
my @cases = (
    ['a circle by includes',
        'no circle of files in the module',
        'core/credits_price.c:1 -> core/credits_sum.h',
        {
            "$m/core/credits_price.c" => qq(#include "credits_sum.h"\n),
            "$m/core/credits_sum.h" => qq(#include "credits_price.h"\n),
        }],
    ['a circle of three, each through a .c and a .h',
        'no circle of files in the module',
        'circle of 3: core/a core/b core/c',
        {
            "$m/core/a.h" => '', "$m/core/a.c" => qq(#include "b.h"\n),
            "$m/core/b.h" => '', "$m/core/b.c" => qq(#include "c.h"\n),
            "$m/core/c.h" => qq(#include "a.h"\n),
        }],
    ['a circle by calls, declared where they are called',
        'no circle of files in the module',
        'core/b.c:1 -> core/a.c (a())',
        {
            "$m/core/a.h" => "int a(void);\n",
            "$m/core/a.c" => qq(#include "b.h"\nint\na(void)\n{\n)
                . "    return b();\n}\n",
            "$m/core/b.h" => "int b(void);\n",
            "$m/core/b.c" => "int a(void);\nint\nb(void)\n{\n"
                . "    return a();\n}\n",
        }],
    ['an include from core to engine',
        'includes lead from http to engine to core',
        'core/credits_x.c:1 -> engine/ngx_credits_wire.h',
        {
            "$m/core/credits_x.c" =>
                qq(#include "../engine/ngx_credits_wire.h"\n),
        }],
    ['an include from engine to http',
        'includes lead from http to engine to core',
        'engine/ngx_credits_x.c:1 -> http/ngx_http_credits_compat.h',
        {
            "$m/engine/ngx_credits_x.c" =>
                qq(#include "../http/ngx_http_credits_compat.h"\n),
        }],
    ['nginx in core',
        'core/ knows neither nginx nor libpq',
        'core/credits_x.h:1 -> ngx_core.h',
        { "$m/core/credits_x.h" => "#include <ngx_core.h>\n" }],
    ['libpq in core',
        'core/ knows neither nginx nor libpq',
        'core/credits_x.h:1 -> libpq-fe.h',
        { "$m/core/credits_x.h" => "#include <libpq-fe.h>\n" }],
    ['a type of nginx in core',
        'core/ knows neither nginx nor libpq',
        'core/credits_x.h:1: ngx_str_t',
        { "$m/core/credits_x.h" => "typedef ngx_str_t  credits_x_t;\n" }],
    ['a request in the engine',
        'engine/ knows no request',
        'engine/ngx_credits_x.h:1: ngx_http_request_t',
        { "$m/engine/ngx_credits_x.h" => "void f(ngx_http_request_t *r);\n" }],
    ['libpq in http, through two headers',
        'http/ sees no header of libpq or OpenSSL',
        'http/ngx_http_credits_x.c -> engine/ngx_credits_pool.h'
            . ' -> engine/ngx_credits_conn.h -> libpq-fe.h',
        {
            "$m/http/ngx_http_credits_x.c" =>
                qq(#include "../engine/ngx_credits_pool.h"\n),
            "$m/engine/ngx_credits_pool.h" =>
                qq(#include "ngx_credits_conn.h"\n),
            "$m/engine/ngx_credits_conn.h" => "#include <libpq-fe.h>\n",
        }],
    ['OpenSSL in http, through core',
        'http/ sees no header of libpq or OpenSSL',
        'http/ngx_http_credits_x.c -> core/credits_x.h -> openssl/evp.h',
        {
            "$m/http/ngx_http_credits_x.c" =>
                qq(#include "../core/credits_x.h"\n),
            "$m/core/credits_x.h" => "#include <openssl/evp.h>\n",
        }],
    ['cJSON outside its room',
        'cJSON is in credits_document.c credits_price_list.c only',
        'core/credits_document.h:1 -> cjson/cJSON.h',
        { "$m/core/credits_document.h" => "#include <cjson/cJSON.h>\n"
            . "int credits_document(void);\n" }],
    ['a file beside the folders',
        'every file of the module is in http/, engine/ or core/',
        'ngx_http_credits.h',
        { "$m/ngx_http_credits.h" => '' }],
    ['a file below the folders',
        'every file of the module is in http/, engine/ or core/',
        'http/more/x.c',
        { "$m/http/more/x.c" => '' }],
    ['a function without a declaration of its own',
        'a function is declared in the header of its file',
        'core/credits_price.c:2: credits_tax() is not declared in'
            . ' core/credits_price.h',
        { "$m/core/credits_price.c" =>
            "int\ncredits_tax(int n)\n{\n    return n;\n}\n" }],
    ['a version of nginx outside compat.h',
        'nginx_version is in http/ngx_http_credits_compat.h only',
        'http/ngx_http_credits_x.c:1: nginx_version',
        { "$m/http/ngx_http_credits_x.c" => "#if (nginx_version)\n#endif\n" }],
    ['an event handler set elsewhere',
        qr/^not ok - event handlers are set in .* only$/m,
        'http/ngx_http_credits_x.c:3: r->read_event_handler =',
        { "$m/http/ngx_http_credits_x.c" =>
            "static void\nx(ngx_http_request_t *r)\n"
            . "{ r->read_event_handler = y; }\n" }],
    ['libpq called in http',
        'libpq is spoken to in engine/ only',
        'http/ngx_http_credits_x.c:1: PQstatus',
        { "$m/http/ngx_http_credits_x.c" => "int n = PQstatus(NULL);\n" }],
    ['a call that blocks',
        'no call blocks the event loop',
        'engine/ngx_credits_x.c:1: usleep(',
        { "$m/engine/ngx_credits_x.c" => "int n = usleep(1);\n" }],
    ['a circle of imports',
        'no circle of imports in the site',
        'web/src/lib/chat/purify.ts:1 -> lib/chat/sanitize.ts',
        { 'web/src/lib/chat/purify.ts' =>
            "import { A } from './sanitize';\n" }],
    ['a circle of imports, through $lib and a component',
        'no circle of imports in the site',
        'web/src/lib/chat/purify.ts:1 -> lib/chat/Chat.svelte',
        { 'web/src/lib/chat/purify.ts' =>
            qq(export * from "\$lib/chat/Chat.svelte";\n) }],
);


sub check ($files, @options) {
    return run_tool('check-layers', @options, tree(%sound, %$files));
}


my ($output, $status) = check({});
is $status, 0, 'a sound tree passes';
unlike $output, qr/not ok/, 'with nothing found' or diag $output;

for my $case (@cases) {
    my ($name, $rule, $finding, $files) = @$case;
    my $broken = ref $rule ? $rule : qr/^not ok - \Q$rule\E$/m;

    my ($output, $status) = check($files);
    subtest $name => sub {
        is $status, 1, 'fails';
        like $output, $broken, 'by the right rule';
        like $output, qr/^\#\s+\Q$finding\E/m, 'says where';
        is scalar(() = $output =~ /^not ok/mg), 1, 'breaks no other rule';
    } or diag $output;

    my ($listed, $harmless) = check($files, '--list');
    is $harmless, 0, "$name: a list does not fail";
    like $listed, qr/^\s*\Q$finding\E/m, "$name: but says the same";
}

done_testing;
