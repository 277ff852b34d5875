\set credits_version '0.9.0'
