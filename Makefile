# make help lists the targets.

BUILD  ?= $(CURDIR)/build
NGX_SRC ?= /usr/share/nginx/src
MODULE := $(BUILD)/ngx_http_credits_module.so
SOURCES := config $(wildcard ngx_http_credits_module/*.[ch] \
                             ngx_http_credits_module/*/*.[ch])

.DEFAULT_GOAL := module

.PHONY: help module install run up down test test-unit test-sql test-engine \
        test-nginx test-e2e test-layers asan valgrind bench clean

help:        ## this list
	@sed -n 's/^\([a-z-]*\): .*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

module: $(MODULE) ## build/ngx_http_credits_module.so (NGX_SRC=<dir> for another nginx)

$(MODULE): $(SOURCES) tools/build-module
	tools/build-module $(NGX_SRC) $(BUILD)
