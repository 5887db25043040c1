# The fixed program that every Python guest runs in; the guest's text is data for it. CPython runs it as its main
# program; of Pyodide's memory it is a part, and pyodide.guest.js calls `execute`.
import json
import linecache
import os
import sys
import traceback

_write, _exit, _dumps, _loads = os.write, os._exit, json.dumps, json.loads


def _send(text):
    data = text.encode('utf-8', 'replace')
    while data:
        data = data[_write(2, data):]


def _receive(length):
    data = sys.stdin.buffer.read(length)
    if len(data) < length:
        _exit(0)
    return data


def _failed(kind, message, trace=''):
    return _dumps({'failed': kind, 'message': message[:2000], 'traceback': trace[-8000:]})


def _no_memory():
    return _failed('code-memory', 'The code used more memory than it may. Work on less at a time.')


def _outcome(code, payload, limit):
    linecache.cache['code.py'] = (len(code), None, [line + '\n' for line in code.split('\n')], 'code.py')
    scope = {'__name__': '__main__', 'payload': payload}
    try:
        exec(compile(code, 'code.py', 'exec'), scope)
    except SystemExit as thrown:
        if thrown.code not in (None, 0):
            return _failed('code-exception', 'SystemExit: %s' % (thrown.code,))
    except MemoryError:
        return _no_memory()
    except BaseException as thrown:
        try:
            message = ''.join(traceback.format_exception_only(type(thrown), thrown)).strip()
            trace = ''.join(traceback.format_exception(type(thrown), thrown, thrown.__traceback__.tb_next, limit=-30))
        except BaseException:
            message, trace = 'The code raised something that can not be shown.', ''
        return _failed('code-exception', message, trace)
    try:
        text = _dumps(scope.get('result'), allow_nan=False)
    except MemoryError:
        return _no_memory()
    except BaseException as thrown:
        try:
            reason = '%s: %s' % (type(thrown).__name__, thrown)
        except BaseException:
            reason = type(thrown).__name__
        return _failed('code-result-not-json', 'result: must be JSON (%s). Leave plain values in it.' % reason)
    if len(text) > limit:
        return _failed('code-output-too-large', 'result: must have %d characters of JSON at most. Leave less in it.' % limit)
    return '{"result":%s}' % text


def execute(request):
    """The frame's text for a request's text."""
    request = _loads(request)
    sys.stdout.reconfigure(encoding='utf-8', errors='backslashreplace')
    body = _outcome(request['code'], request['input_json'], request['max_chars'])
    try:
        sys.stdout.flush()
    except BaseException:
        pass
    return body


if __name__ == '__main__':
    _send('ready\n')
    _request = _receive(int.from_bytes(_receive(4), 'big'))
    _tag = _loads(_request)['tag']
    _body = execute(_request)
    _send('\n%s %d\n%s' % (_tag, len(_body.encode('utf-8', 'replace')), _body))
    _exit(0)
