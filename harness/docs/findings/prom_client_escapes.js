// prom-client up to 14: a backslash in a label's value is not escaped, so that one before an n is read as the end of a line.
//
//     npm install prom-client@14.2.0
//     node prom_client_escapes.js

const client = require('prom-client');
const { version } = require('prom-client/package.json');

const files = new client.Counter({ name: 'files_total', help: 'Files read.', labelNames: ['path'] });
files.inc({ path: 'C:\\new' });
client.register.metrics().then((text) => console.log(`prom-client ${version}\n${text}`));
