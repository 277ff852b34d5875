-- The version of the product, here and nowhere else: the module, its metrics
-- and the packages read this line as well.
\set credits_version '0.9.0'
