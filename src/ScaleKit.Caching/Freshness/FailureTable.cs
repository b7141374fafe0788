using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace ScaleKit.Caching;

/// <summary>
/// Remembers failed factories: until a while has passed, the same failure is answered without running the factory again. The while doubles with each failure in
/// a row. An invalidation of the key or of a tag ends it. Bounded; what finds no room is not remembered. Thread-safe.
/// </summary>
internal sealed class FailureTable(TimeSpan first, CacheVersions versions, MonotonicClock clock, int capacity = FailureTable.DefaultCapacity)
{
    public const int DefaultCapacity = 4096;
    private const int MostDoublings = 4;
    private readonly ConcurrentDictionary<string, Failure> _failures = new(StringComparer.Ordinal);
    private long _nextSweep;

    public int Count => _failures.Count;

    /// <summary>The failure that still counts for a fill with this token, or null.</summary>
    public ExceptionDispatchInfo? Find(string key, FillToken token) =>
        _failures.TryGetValue(key, out var failure) && clock.Now < failure.RetryAt && IsCurrent(key, failure, token) ? failure.Cause : null;

    public void Note(string key, string[] tags, FillToken token, Exception exception)
    {
        var now = clock.Now;
        if (!_failures.TryGetValue(key, out var last) && !HasRoom(now))
            return;
        var doublings = last is not null && IsCurrent(key, last, token) ? Math.Min(last.Doublings + 1, MostDoublings) : 0;
        _failures[key] = new(ExceptionDispatchInfo.Capture(exception), clock.After(now, first * (1 << doublings)), doublings, tags, token);
    }

    public void Forget(string key)
    {
        if (!_failures.IsEmpty)
            _failures.TryRemove(key, out _);
    }

    private bool IsCurrent(string key, Failure failure, FillToken token) =>
        failure.Token.Generation == token.Generation && versions.IsValid(key, failure.Tags, failure.Token.Position.Sequence);

    private bool HasRoom(long now)
    {
        if (_failures.Count < capacity)
            return true;
        var next = Volatile.Read(ref _nextSweep);

        // One caller at a time, and not on every failure: in an outage all keys fail.
        if (now < next || Interlocked.CompareExchange(ref _nextSweep, clock.After(now, first), next) != next)
            return false;
        foreach (var (key, failure) in _failures)
        {
            if (failure.RetryAt <= now)
                _failures.TryRemove(new KeyValuePair<string, Failure>(key, failure));
        }

        return _failures.Count < capacity;
    }

    private sealed record Failure(ExceptionDispatchInfo Cause, long RetryAt, int Doublings, string[] Tags, FillToken Token);
}
