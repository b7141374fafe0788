using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>One call of the script for many callers of many keys. Not thread-safe; used again after it has landed.</summary>
internal sealed class AcquireFlight(AcquireQueue queue, AcquireScript script, TimeProvider time) : IThreadPoolWorkItem
{
    private const int MaximumKeys = 128;
    private const int MaximumCallers = 1024;

    private readonly List<(WindowKey Key, int Callers, int Epoch)> _keys = [];
    private readonly List<Acquisition> _callers = [];
    private readonly List<int> _runs = [];
    private readonly List<RedisName> _names = [];
    private readonly AcquireRequest _request = new();
    private readonly FlightDeadline _deadline = new(time);
    private RedisArguments? _arguments;
    private long _sent;

    /// <summary>Those who were on board go on by now, and may have come back for the next flight.</summary>
    public void Execute() => queue.TurnRound(this);

    /// <summary>Callers that can still board; none when there are too many keys, or one as long as it is not known whether keys must be in one slot.</summary>
    public int Room => _keys.Count == MaximumKeys || (_keys.Count > 0 && !script.IsTopologyKnown) ? 0 : MaximumCallers - _callers.Count;

    /// <returns>True when some of the key's callers had no room.</returns>
    public bool Board_NeedsLock(WindowKey key)
    {
        var before = _callers.Count;
        var isLeft = key.Detach_NeedsLock(_callers, Room);
        _keys.Add((key, _callers.Count - before, key.Epoch));
        return isLeft;
    }

    /// <summary>Sends the call and decides for all that are on board. Nobody goes on before <see cref="Land"/>. Never throws.</summary>
    /// <returns>False when Redis was of no use.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FlyAsync()
    {
        LeaveOutCancelled();
        if (_callers.Count == 0)
        {
            return true;
        }

        Write();
        _sent = time.GetTimestamp();
        var reply = await SendAsync().ConfigureAwait(false);
        _deadline.End();
        if (reply is null)
        {
            // The client may still be sending them.
            _arguments = null;
            Fail();
            return false;
        }

        Answer(reply);
        return true;
    }

    /// <summary>Decides for all that are on board without Redis.</summary>
    public void Fail()
    {
        var at = 0;
        script.Metrics.FellBack(_callers.Count);
        foreach (var (key, callers, _) in _keys)
        {
            for (var end = at + callers; at < end; at++)
            {
                _callers[at].Answer(script.Fallback.Decide(key, _callers[at].Permits));
            }
        }
    }

    /// <summary>The one on board, if there is no other: it may go on where it is.</summary>
    public Acquisition? Alone => _callers.Count == 1 ? _callers[0] : null;

    /// <summary>
    /// Lets all on board go on, on the thread pool, each of them after it has sent the next one there: the first in line go on first, and one that blocks holds up
    /// nobody. Behind the last one comes <paramref name="last"/>.
    /// </summary>
    public void Land(IThreadPoolWorkItem? last)
    {
        for (var i = _callers.Count - 1; i >= 0; i--)
        {
            last = _callers[i].GoOnBefore(last);
        }

        Clear();
        if (last is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(last, preferLocal: false);
        }
    }

    public void Clear()
    {
        _keys.Clear();
        _callers.Clear();
        _runs.Clear();
        _names.Clear();
        _request.Clear();
    }

    private ValueTask<byte[]?> SendAsync()
    {
        var left = script.Timeout - time.GetElapsedTime(Oldest());
        if (left <= TimeSpan.Zero)
        {
            return new((byte[]?)null);
        }

        var keys = _keys.Count == 1 ? _keys[0].Key.Alone : RedisKeys.Create(CollectionsMarshal.AsSpan(_names));
        return AcquireActivity.AreHeard ? SendHeardAsync(keys, _deadline.Begin(left)) : script.RunAsync(keys, Arguments(), _deadline.Begin(left));
    }

    // Started in here, so that it is the current one of this call only, and not of the flight's further way.
    private async ValueTask<byte[]?> SendHeardAsync(RedisKeys keys, CancellationToken deadline)
    {
        using var activity = AcquireActivity.Start(_callers);
        var reply = await script.RunAsync(keys, Arguments(), deadline).ConfigureAwait(false);
        activity?.SetStatus(reply is null ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        return reply;
    }

    private RedisArguments Arguments()
    {
        var request = _request.ToBytes();
        if (_arguments is not { } arguments)
        {
            _arguments = ["each", request];
            return _arguments.Value;
        }

        arguments[1] = request;
        return arguments;
    }

    private void LeaveOutCancelled()
    {
        var (from, to) = (0, 0);
        for (var k = 0; k < _keys.Count; k++)
        {
            var (key, callers, epoch) = _keys[k];
            var first = to;
            for (var end = from + callers; from < end; from++)
            {
                if (_callers[from].IsWaiting)
                {
                    _callers[to++] = _callers[from];
                }
            }

            _keys[k] = (key, to - first, epoch);
        }

        _callers.RemoveRange(to, _callers.Count - to);
        _keys.RemoveAll(static key => key.Callers == 0);
    }

    /// <summary>Neighbours that ask for as many permits are one run.</summary>
    private void Write()
    {
        var at = 0;
        foreach (var (key, callers, _) in _keys)
        {
            _names.Add(key.Name);
            _request.Key(key.Shape);
            for (var end = at + callers; at < end;)
            {
                var first = at;
                var permits = _callers[at].Permits;
                while (at < end && _callers[at].Permits == permits)
                {
                    at++;
                }

                _runs.Add(at - first);
                _request.Run(AcquireKind.Take, permits, at - first);
            }

            // Last of all: nobody who waits is refused for what is taken ahead.
            if (key.Leased is { } leased)
            {
                _request.Run(AcquireKind.Take, permits: 1, leased.Ahead);
            }
        }
    }

    private long Oldest()
    {
        var oldest = long.MaxValue;
        foreach (var caller in _callers)
        {
            oldest = Math.Min(oldest, caller.Since);
        }

        return oldest;
    }

    private void Answer(ReadOnlySpan<byte> bytes)
    {
        script.Metrics.AnsweredByRedis(_callers.Count);
        var received = time.GetTimestamp();
        var reply = new AcquireReply(bytes);
        var (at, run) = (0, 0);
        foreach (var (key, callers, epoch) in _keys)
        {
            var (used, resetAfter, bucket) = reply.Key();
            var before = used;
            for (var end = at + callers; at < end; run++)
            {
                var (served, retryAfter) = reply.Run();
                var permits = _callers[at].Permits;
                for (var i = 0; i < _runs[run]; i++, at++)
                {
                    used += i < served ? permits : 0;
                    var remaining = (int)Math.Max(0, key.Policy.Limit - used);
                    _callers[at].Answer(i < served
                        ? RateLimitDecision.Acquired(key.Policy, remaining, resetAfter)
                        : RateLimitDecision.Refused(key.Policy, remaining, retryAfter, resetAfter));
                }

                if (served < _runs[run])
                {
                    key.Deny(Denial.From(permits, epoch, _sent, received, retryAfter, resetAfter, (int)Math.Max(0, key.Policy.Limit - used), time));
                }
            }

            if (key.Leased is { } leased)
            {
                var ahead = (int)reply.Run().Served;
                var served = (int)(used - before);
                used += ahead;
                leased.Add(key, ahead, served, bucket, _sent, resetAfter, (int)Math.Max(0, key.Policy.Limit - used));
            }

            key.Saw(used, received + (long)(resetAfter.TotalSeconds * time.TimestampFrequency));
        }
    }
}
