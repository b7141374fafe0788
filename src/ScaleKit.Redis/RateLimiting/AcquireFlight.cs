using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>One call of the script for many callers of many keys.</summary>
internal sealed class AcquireFlight(AcquireQueue queue, AcquireScript script, TimeProvider time) : Flight<Acquisition, RateLimitDecision, WindowKey>(queue)
{
    private const int MaximumKeys = 128;
    private const int MaximumCallers = 1024;

    // So many callers of one key cost hardly more than one does: a second call for the next few would cost as much as the one for all of them together.
    private const int Crowd = 16;

    private readonly List<(WindowKey Key, int Callers, int Epoch)> _keys = [];
    private readonly List<int> _runs = [];
    private readonly List<RedisName> _names = [];
    private readonly AcquireRequest _request = new();
    private readonly FlightDeadline _deadline = new(time);
    private RedisArguments? _arguments;
    private long _sent;

    public override bool HasRoom => Callers.Count < MaximumCallers && _keys.Count < MaximumKeys;

    public override bool IsWorthAwaiting_NeedsLock(WindowKey waiting) =>
        Callers.Count >= Crowd && HasRoom && _keys.Count == 1 && ReferenceEquals(_keys[0].Key, waiting);

    public override bool Board_NeedsLock(WindowKey waiting) => Board_NeedsLock(waiting, MaximumCallers - Callers.Count);

    public override void BoardAll_NeedsLock(WindowKey waiting) => Board_NeedsLock(waiting, int.MaxValue);

    public override void Fail()
    {
        var at = 0;
        foreach (var (key, callers, _) in _keys)
        {
            AnswerWithoutRedis(key, ref at, at + callers);
        }
    }

    public override void Clear()
    {
        base.Clear();
        _keys.Clear();
        _runs.Clear();
        _names.Clear();
        _request.Clear();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<bool> FlyAsync()
    {
        if (Callers.Count == 0)
        {
            return true;
        }

        Write();
        _sent = time.GetTimestamp();
        var left = script.Timeout - time.GetElapsedTime(Oldest(), _sent);
        byte[]? reply = null;
        if (left > TimeSpan.Zero)
        {
            try
            {
                reply = (await SendAsync(_deadline.Begin(_sent, left)).ConfigureAwait(false)).ToBytes();
                script.Returned();
            }
            catch (Exception e) when (AcquireScript.IsOfNoUse(e))
            {
                script.Failed(e);
            }

            _deadline.End();
        }

        if (reply is null)
        {
            // The client may still be sending them.
            _arguments = null;
            return false;
        }

        Answer(reply);
        return true;
    }

    private bool Board_NeedsLock(WindowKey key, int most)
    {
        var before = Callers.Count;
        var isLeft = key.Detach_NeedsLock(Callers, most);
        if (Callers.Count > before)
        {
            _keys.Add((key, Callers.Count - before, key.Epoch));
        }

        return isLeft;
    }

    private ValueTask<RedisReply> SendAsync(CancellationToken deadline)
    {
        var keys = _keys.Count == 1 ? _keys[0].Key.Alone : RedisKeys.Create(CollectionsMarshal.AsSpan(_names));
        return AcquireActivity.AreHeard ? SendHeardAsync(keys, deadline) : script.SendAsync(keys, Arguments(), deadline);
    }

    // Started in here, so that it is the current one of this call only, and not of the flight's further way.
    private async ValueTask<RedisReply> SendHeardAsync(RedisKeys keys, CancellationToken deadline)
    {
        using var activity = AcquireActivity.Start(Callers);
        try
        {
            return await script.SendAsync(keys, Arguments(), deadline).ConfigureAwait(false);
        }
        catch
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private RedisArguments Arguments()
    {
        var request = _request.ToBytes();
        if (_arguments is not { } arguments)
        {
            _arguments = [request];
            return _arguments.Value;
        }

        arguments[0] = request;
        return arguments;
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
                var permits = Callers[at].Permits;
                while (at < end && Callers[at].Permits == permits)
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
        foreach (var caller in Callers)
        {
            oldest = Math.Min(oldest, caller.Since);
        }

        return oldest;
    }

    private void AnswerWithoutRedis(WindowKey key, ref int at, int end)
    {
        script.Metrics.FellBack(end - at);
        for (; at < end; at++)
        {
            // Who was cancelled takes nothing.
            if (Callers[at].IsWaiting)
            {
                Callers[at].Answer(script.Fallback.Decide(key, Callers[at].Permits));
            }
        }
    }

    private void Answer(ReadOnlySpan<byte> bytes)
    {
        var received = time.GetTimestamp();
        var reply = new AcquireReply(bytes);
        var (at, run, answered) = (0, 0, 0);
        foreach (var (key, callers, epoch) in _keys)
        {
            var (used, resetAfter, bucket) = reply.Key();
            if (used == AcquireReply.Unknown)
            {
                script.FoundAnotherVersion();
                Skip(ref reply, ref run, callers, key);
                AnswerWithoutRedis(key, ref at, at + callers);
                continue;
            }

            var before = used;
            answered += callers;
            for (var end = at + callers; at < end; run++)
            {
                var (served, retryAfter) = reply.Run();
                var permits = Callers[at].Permits;
                for (var i = 0; i < _runs[run]; i++, at++)
                {
                    used += i < served ? permits : 0;
                    var remaining = (int)Math.Max(0, key.Policy.Limit - used);
                    Callers[at].Answer(i < served
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

        script.Metrics.AnsweredByRedis(answered);
    }

    private void Skip(ref AcquireReply reply, ref int run, int callers, WindowKey key)
    {
        for (; callers > 0; run++)
        {
            callers -= _runs[run];
            _ = reply.Run();
        }

        if (key.Leased is not null)
        {
            _ = reply.Run();
        }
    }
}
