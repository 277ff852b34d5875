# Ways to buy that are only configuration, as docs/operations.md has them: what
# reaches Polar says who buys, and nobody buys for nobody. The provider's
# stand-in takes the request in Polar's place.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
no_shuffle();

our $http = <<'EOT';
    map $credits_user $checkout_user {
        default                  invalid;
        "~^[0-9A-Za-z_.@:-]+$"   '"$credits_user"';
    }
EOT

# a backslash ends a line that goes on
our $checkout = <<'EOT' =~ s/\\\n *//gr;
    credits_user $http_x_user;

    location = /api/checkout {
        if ($arg_product !~ \
            "^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$") {
            return 400;
        }

        credits user;

        proxy_pass
            http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
        proxy_http_version 1.1;
        proxy_pass_request_headers off;
        proxy_method POST;
        proxy_set_header Authorization "Bearer polar_oat_test";
        proxy_set_header Connection "";
        proxy_set_header Content-Type application/json;
        proxy_set_header X-Provider-Tag $http_x_provider_tag;
        proxy_set_body '{"products":["$arg_product"],\
            "external_customer_id":$checkout_user,\
            "success_url":"https://your.site/?checkout_id={CHECKOUT_ID}"}';
    }
EOT

our $link = <<'EOT';
    credits_user $http_x_user;

    location = /buy {
        credits user;
        try_files /.buy @buy;
    }
    location @buy {
        return 303 https://buy.example/link?reference_id=$credits_user;
    }
EOT

run_tests();

__DATA__

=== a checkout says who buys what
--- http_config eval: $::http
--- config eval: $::checkout
--- request
GET /api/checkout?product=0a1b2c3d-0000-4000-8000-00000000000f
--- more_headers
Cookie: secret=1
--- error_code: 400
--- provider_calls: 1
--- provider_body chomp
{"products":["0a1b2c3d-0000-4000-8000-00000000000f"],"external_customer_id":"<user>","success_url":"https://your.site/?checkout_id={CHECKOUT_ID}"}
--- provider_headers
Authorization: Bearer polar_oat_test
Content-Type: application/json
!Cookie
!X-User
--- ledger: none



=== nobody signed in: nothing reaches Polar
--- http_config eval: $::http
--- config eval: $::checkout
--- request
GET /api/checkout?product=0a1b2c3d-0000-4000-8000-00000000000f
--- more_headers eval: "X-User: \n"
--- error_code: 401
--- provider_calls: 0



=== a user's id that could end its string makes no checkout
--- http_config eval: $::http
--- config eval: $::checkout
--- request
GET /api/checkout?product=0a1b2c3d-0000-4000-8000-00000000000f
--- more_headers
X-User: eve","metadata":{"userId":"x
--- error_code: 400
--- provider_body chomp
{"products":["0a1b2c3d-0000-4000-8000-00000000000f"],"external_customer_id":invalid,"success_url":"https://your.site/?checkout_id={CHECKOUT_ID}"}



=== a product that is none
--- http_config eval: $::http
--- config eval: $::checkout
--- request eval
[
    'GET /api/checkout',
    'GET /api/checkout?product=',
    'GET /api/checkout?product=0a1b2c3d-0000-4000-8000-00000000000f%22',
    'GET /api/checkout?product=0a1b2c3d-0000-4000-8000-00000000000f"],"amount":[1',
    'GET /api/checkout?product=../../v1/orders',
]
--- error_code eval: [(400) x 5]
--- provider_calls eval: [(0) x 5]



=== a checkout link says who buys
--- config eval: $::link
--- request
GET /buy
--- error_code: 303
--- response_headers
Location: https://buy.example/link?reference_id=<user>



=== nobody is sent to a checkout link without a name
--- config eval: $::link
--- request
GET /buy
--- more_headers eval: "X-User: \n"
--- error_code: 401
--- response_headers
!Location
