/**
 * A web server with TLS for the policies of many domains. Each name has its own answer and certificate, by SNI. Its
 * argument is the JSON of `webSetUp` in transport-hosts.ts.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { createSecureContext } from 'node:tls';

const { addresses, answers, certificates } = JSON.parse(process.argv[2]);
const contexts = Object.fromEntries(
  Object.entries(certificates).map(([id, options]) => [id, createSecureContext(options)]),
);

function answer(request, response) {
  const {
    status = 200,
    headers = { 'content-type': 'text/plain' },
    body = '',
  } = answers[request.headers.host ?? ''] ?? { status: 404 };
  const isPolicy = request.url === '/.well-known/mta-sts.txt';
  response.writeHead(isPolicy ? status : 404, headers);
  response.end(isPolicy ? body : '');
}

const options = {
  ...certificates.sound,
  SNICallback: (name, callback) => callback(null, contexts[answers[name]?.certificate ?? 'sound']),
};
createServer(options, answer).listen(443, addresses.web);
createHttpServer(answer).listen(443, addresses.plain);
