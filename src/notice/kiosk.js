(function () {
'use strict';
// Written for the browsers of old tablets (Android 4.4, iOS 9): ES5, XMLHttpRequest, no promises but where they are.
var body = document.body, stage = document.getElementById('notice'), why = document.getElementById('why');
var sign = body.getAttribute('data-sign');
var token = /[?&]token=([^&]*)/.exec(location.search);
token = token ? '?token=' + token[1] : '';
// An answer counts from when it was asked for, and what is painted is said while that is fresh: the daemon believes a picture from then
// on, and shall never believe it for longer than it stays here.
var ANSWER_MS = 6000, FRESH_MS = 8000, TICK_MS = 500, GAP_MS = 5000, LOST_MS = 5000;
// What is on the screen: its notice, when we were last told that it holds, and for how long that may be believed.
var shown = null, heard = null, hold = 0, wanted = null, asking = false, next = null, lastTick = stamp();

function stamp() {
  var steady = window.performance && performance.now ? performance.now() : 0;
  return { steady: steady, wall: new Date().getTime() };
}
// One of the two clocks stops while some tablets sleep, the other may be set; whichever says more is right to doubt us.
function since(then) {
  var now = stamp();
  return Math.max(now.steady - then.steady, now.wall - then.wall);
}
function isHidden() { return document.hidden === true || document.webkitHidden === true; }

function hide(reason) {
  body.className = 'unknown';
  shown = null;
  wanted = null;
  why.textContent = reason || '';
  while (stage.firstChild) { stage.removeChild(stage.firstChild); }
}
function isStale() { return shown !== null && since(heard) > hold; }

function ask(method, address, message, answered) {
  var request = new XMLHttpRequest(), done = false;
  function finish() {
    if (done) { return; }
    done = true;
    answered(request.status || 0, request);
  }
  request.open(method, address, true);
  request.timeout = ANSWER_MS;
  request.onload = request.onerror = request.ontimeout = request.onabort = finish;
  if (message) { request.setRequestHeader('Content-Type', 'application/json'); }
  try { request.send(message); } catch (error) { finish(); }
}

function later(ms) {
  clearTimeout(next);
  next = setTimeout(poll, ms);
}
function poll() {
  if (asking) { return; }
  if (isHidden()) { hide(); later(LOST_MS); return; }
  asking = true;
  var at = stamp();
  ask('GET', sign + token, null, function (status, request) {
    var told = null;
    asking = false;
    // What lay here while we slept is no answer any more.
    if (since(at) > FRESH_MS) { status = 0; }
    try { told = status === 200 ? JSON.parse(request.responseText) : null; } catch (error) { status = 'unreadable'; }
    if (told) { follow(told, request, at); return; }
    // Nobody there: what is shown stays until its time is over. An answer that is no answer ends it at once.
    if (status !== 0) { hide('HTTP ' + status); } else if (!shown) { why.textContent = location.host + ' …'; }
    later(LOST_MS);
  });
}

// Until when the picture may be shown by what it says itself; the server's clock is the one that counts.
function validity(told, request) {
  if (!told.valid_until) { return Infinity; }
  var served = Date.parse(request.getResponseHeader('Date')), until = Date.parse(told.valid_until);
  return isNaN(served) || isNaN(until) ? 0 : until - served;
}
function follow(told, request, at) {
  var holds = Math.min(told.hold_seconds * 1000, validity(told, request));
  later(told.refresh_seconds * 1000);
  // Only who shows the right credential is told the pictures' keys.
  if (!/[?&]k=/.test(told.image.png)) { hide('token?'); return; }
  if (!told.notice || !(holds > 0) || isHidden()) { hide(); return; }
  if (shown === told.notice) {
    heard = at;
    hold = holds;
    painted(acknowledge);
  } else if (wanted !== told.notice) {
    load(told, holds, at);
  }
}

function load(told, holds, at) {
  var picture = new Image(), notice = told.notice;
  wanted = notice;
  picture.alt = '';
  picture.onload = function () {
    if (picture.decode) { picture.decode().then(put, lost); } else { put(); }
  };
  picture.onerror = lost;
  function lost() {
    if (wanted === notice) { hide('image'); later(LOST_MS); }
  }
  function put() {
    if (wanted !== notice || isHidden()) { return; }
    if (!picture.naturalWidth) { lost(); return; }
    while (stage.firstChild) { stage.removeChild(stage.firstChild); }
    stage.appendChild(picture);
    shown = notice;
    wanted = null;
    heard = at;
    hold = holds;
    if (isStale()) { hide(); return; }
    body.className = 'shown';
    why.textContent = '';
    fit();
    painted(acknowledge);
  }
  // The address as we reach it, whatever name the answer gives to the machine.
  picture.src = told.image.png.replace(/^[a-z]+:\/\/[^\/]+/i, '');
}

// Whole pixels wherever that costs little room: scaled by halves, letters get blurred or ragged.
function fit() {
  var picture = stage.firstChild, dense = window.devicePixelRatio || 1;
  if (!picture) { return; }
  var width = picture.naturalWidth, height = picture.naturalHeight;
  var scale = Math.min(window.innerWidth / width, window.innerHeight / height) * dense;
  if (scale >= 1 && Math.floor(scale) / scale > 0.75) { scale = Math.floor(scale); }
  scale = scale / dense;
  picture.style.width = width * scale + 'px';
  picture.style.height = height * scale + 'px';
  picture.style.left = (window.innerWidth - width * scale) / 2 + 'px';
  picture.style.top = (window.innerHeight - height * scale) / 2 + 'px';
}

// After the second frame the first one is on the screen.
function painted(then) {
  var frame = window.requestAnimationFrame || window.webkitRequestAnimationFrame;
  if (!frame) { setTimeout(then, 100); return; }
  frame(function () { frame(then); });
}
function acknowledge() {
  var notice = shown, picture = stage.firstChild;
  if (!notice || !picture || since(heard) > FRESH_MS || isStale() || isHidden() || !(picture.offsetWidth > 0)) { return; }
  ask('POST', sign + '/shown' + token, JSON.stringify({ notice: notice }), function (status) {
    if (status === 409) { later(0); } else if (status !== 0 && status !== 204) { hide('HTTP ' + status); }
  });
}

// Before anything else: nothing old is left on the screen.
function wake() {
  if (isHidden() || isStale()) { hide(); }
  if (!isHidden()) { later(0); }
}
function tick() {
  var gap = since(lastTick);
  lastTick = stamp();
  if (isStale() || gap > GAP_MS) { hide(); later(0); }
}
document.addEventListener('visibilitychange', wake, false);
document.addEventListener('webkitvisibilitychange', wake, false);
window.addEventListener('pageshow', wake, false);
window.addEventListener('pagehide', function () { hide(); }, false);
window.addEventListener('focus', wake, false);
window.addEventListener('resize', fit, false);
setInterval(tick, TICK_MS);
poll();
}());
