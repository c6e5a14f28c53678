// The recipe of docs/api/signed-links.md, as it stands there, run on JSON lines of {path, parameters, key (hex)}: prints a
// signed target for each. A test holds the server's own verifier against it.
import {createHmac} from 'node:crypto';
import {createInterface} from 'node:readline';

const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

function sign(path, parameters, key) {
  const query = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
  const signature = createHmac('sha256', key).update(`${path}?${query}`).digest('base64url');
  return `${path}?${query}&sig=${signature}`;
}

for await (const line of createInterface({input: process.stdin})) {
  const {path, parameters, key} = JSON.parse(line);
  console.log(sign(path, parameters, Buffer.from(key, 'hex')));
}
