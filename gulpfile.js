/**
 * Copies what TypeScript does not compile, icons and codex files, beside the compiled nodes and credentials.
 * Run by `npm run build:nodes`.
 */
const { dest, src } = require('gulp');

function copy(folder) {
  // Icons are bytes: gulp would otherwise read them as text.
  return src([`${folder}/**/*.svg`, `${folder}/**/*.node.json`], { encoding: false }).pipe(
    dest(`dist/${folder}`),
  );
}

const copyNodes = () => copy('nodes');
const copyCredentials = () => copy('credentials');

module.exports['build:assets'] = async () => {
  await Promise.all(
    [copyNodes(), copyCredentials()].map(
      (stream) =>
        new Promise((resolve, reject) => {
          stream.on('end', resolve).on('finish', resolve).on('error', reject);
        }),
    ),
  );
};
