// Checks an OpenAPI document against the specification's own schema and resolves every reference in it, with
// @seriousme/openapi-schema-validator (data/package.json). Prints "valid", or what is wrong.
// Usage: node openapi_oracle.mjs <file>
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const require = createRequire(new URL('../../data/package.json', import.meta.url));
const {Validator} = await import(pathToFileURL(require.resolve('@seriousme/openapi-schema-validator')));

const document = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const validator = new Validator();
const result = await validator.validate(document);
if (result.valid) {
  validator.resolveRefs();
  console.log(`valid ${validator.version}`);
} else {
  console.log(JSON.stringify(result.errors, null, 1).slice(0, 4000));
}
