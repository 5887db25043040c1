# The fixed program that every Python guest runs in; the guest's text is data for it.
import json
import linecache
import os
import sys
import traceback

_write, _exit, _dumps = os.write, os._exit, json.dumps


def _send(text):
    data = text.encode('utf-8', 'replace')
    while data:
        data = data[_write(2, data):]


def _receive(length):
    data = sys.stdin.buffer.read(length)
    if len(data) < length:
        _exit(0)
    return data


def _main():
    _send('ready\n')
    size = int.from_bytes(_receive(4), 'big')
    request = json.loads(_receive(size))
    tag, code, limit = request['tag'], request['code'], request['max_chars']

    def finish(body):
        try:
            sys.stdout.flush()
        except BaseException:
            pass
        _send('\n%s %d\n%s' % (tag, len(body.encode('utf-8', 'replace')), body))
        _exit(0)

    def fail(kind, message, trace):
        finish(_dumps({'failed': kind, 'message': message[:2000], 'traceback': trace[-8000:]}))

    sys.stdout.reconfigure(encoding='utf-8', errors='backslashreplace')
    linecache.cache['code.py'] = (len(code), None, [line + '\n' for line in code.split('\n')], 'code.py')
    scope = {'__name__': '__main__', 'payload': request['input_json']}
    try:
        exec(compile(code, 'code.py', 'exec'), scope)
    except SystemExit as thrown:
        if thrown.code not in (None, 0):
            fail('code-exception', 'SystemExit: %s' % (thrown.code,), '')
    except MemoryError:
        fail('code-memory', 'The code used more memory than it may. Work on less at a time.', '')
    except BaseException as thrown:
        try:
            message = ''.join(traceback.format_exception_only(type(thrown), thrown)).strip()
            trace = ''.join(traceback.format_exception(type(thrown), thrown, thrown.__traceback__.tb_next, limit=-30))
        except BaseException:
            message, trace = 'The code raised something that can not be shown.', ''
        fail('code-exception', message, trace)
    try:
        text = _dumps(scope.get('result'), allow_nan=False)
    except MemoryError:
        fail('code-memory', 'The code used more memory than it may. Work on less at a time.', '')
    except BaseException as thrown:
        try:
            reason = '%s: %s' % (type(thrown).__name__, thrown)
        except BaseException:
            reason = type(thrown).__name__
        fail('code-result-not-json', 'result: must be JSON (%s). Leave plain values in it.' % reason, '')
    if len(text) > limit:
        fail('code-output-too-large', 'result: must have %d characters of JSON at most. Leave less in it.' % limit, '')
    finish('{"result":%s}' % text)


_main()
