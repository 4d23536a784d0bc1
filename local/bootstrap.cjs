// The first file that runs on a fresh clone, on whatever Node the machine has: plain old syntax and no dependency.
// Installs what the lock file names when it is missing, then runs the given script on the Node among those packages.
'use strict';
var childProcess = require('child_process');
var fs = require('fs');
var os = require('os');
var path = require('path');

var LOWEST_NODE = 20;
var PROGRESS_EVERY_MS = 5000;
var root = path.join(__dirname, '..');

var version = process.versions.node;
if (Number(version.split('.')[0]) < LOWEST_NODE) {
  stop(
    'Token Doctor needs Node ' +
      LOWEST_NODE +
      ' or newer to start, and this is Node ' +
      version +
      '. Install a current one: https://nodejs.org',
  );
}
try {
  fs.accessSync(root, fs.constants.W_OK);
} catch (_error) {
  stop(
    'Token Doctor cannot write to ' +
      root +
      ', where it installs and builds. Make the folder writable, or clone into one of your own.',
  );
}
if (installed()) run();
else install(run);

/** Whether every package of the lock file is there in its version. Optional ones may be for other platforms. */
function installed() {
  var wanted = readJson('package-lock.json').packages;
  if (!wanted) stop('package-lock.json is missing or broken, so nothing can be installed: clone the repository again.');
  var present = readJson('node_modules/.package-lock.json').packages || {};
  return Object.keys(wanted).every(function (name) {
    return name === '' || wanted[name].optional || (present[name] && present[name].version === wanted[name].version);
  });
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
  } catch (_error) {
    return {};
  }
}

function install(next) {
  // npm would empty the folder that the link leads to.
  if (isLink(path.join(root, 'node_modules')))
    stop('node_modules is a link and some packages are missing: remove the link and start again.');
  var started = Date.now();
  console.log('Installing packages (only when some are missing; usually well under a minute).');
  var progress = setInterval(function () {
    console.log('  … ' + Math.round((Date.now() - started) / 1000) + ' s');
  }, PROGRESS_EVERY_MS);
  // Under npm its own file is known, which spares a shell; engine warnings of an older Node are no news here.
  var npm = process.env.npm_execpath;
  var args = ['ci', '--loglevel=error', '--no-audit', '--no-fund'];
  var child =
    npm && /\.c?js$/.test(npm)
      ? childProcess.spawn(process.execPath, [npm].concat(args), { cwd: root, stdio: 'inherit' })
      : childProcess.spawn('npm ' + args.join(' '), { cwd: root, stdio: 'inherit', shell: true });
  child.on('error', function (error) {
    stop('npm could not be started: ' + error.message);
  });
  forwardSignals(child);
  child.on('exit', function (code) {
    clearInterval(progress);
    if (code !== 0) stop('Installing packages failed; npm says why above.');
    console.log('Installed in ' + Math.round((Date.now() - started) / 1000) + ' s.');
    next();
  });
}

function run() {
  var bin = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!fs.existsSync(bin))
    stop(
      'The package `node` has no program in it: its install script was not run. Allow it (npm install-scripts approve node) and install again.',
    );
  var child = childProcess.spawn(bin, process.argv.slice(2), { cwd: root, stdio: 'inherit' });
  forwardSignals(child);
  child.on('error', function (error) {
    stop('The Node among the packages could not be started: ' + error.message);
  });
  child.on('exit', function (code, signal) {
    process.exit(code === null ? 128 + os.constants.signals[signal] : code);
  });
}

// A terminal sends Ctrl+C to all of its processes; everything else reaches only this one.
function forwardSignals(child) {
  ['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  process.on('SIGINT', function () {});
}

function isLink(file) {
  try {
    return fs.lstatSync(file).isSymbolicLink();
  } catch (_error) {
    return false;
  }
}

function stop(line) {
  console.error(line);
  process.exit(1);
}
