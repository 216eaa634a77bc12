// A mail server on loopback that takes whatever is sent: for the example that alerts by mail.

import { createServer } from 'node:net';

/** One conversation of SMTP, without authentication. */
function talk(socket, mails) {
  let mail;
  let buffer = '';
  socket.write('220 test\r\n');
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    buffer += chunk;
    for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (mail !== undefined) {
        if (line !== '.') mail.push(line);
        else {
          mails.push(mail.join('\n'));
          mail = undefined;
          socket.write('250 taken\r\n');
        }
      } else if (/^DATA$/i.test(line)) {
        mail = [];
        socket.write('354 go on\r\n');
      } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    }
  });
}

export async function startMailServer() {
  const mails = [];
  const server = createServer((socket) => talk(socket, mails));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    mails,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
