using Microsoft.Extensions.Logging;

namespace ScaleKit.Redis;

/// <summary>Runs <c>Acquire.lua</c> within the caller's time, and tells once when Redis ceases and begins again to be of use. Thread-safe.</summary>
internal sealed class AcquireScript(RedisConnection connection, RedisRateLimitOptions options, RateLimitShare fallback, AcquireMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly RedisScript Script = RedisScript.Load("RateLimiting", "Acquire");

    private readonly NodeCount? _nodes = options is { WhenUnavailable: RateLimitFallback.Local, Nodes: null } ? new NodeCount(connection, fallback, time) : null;
    private int _isAway;
    private int _hasFoundAnotherVersion;

    public RateLimitShare Fallback => fallback;

    public AcquireMetrics Metrics => metrics;

    /// <summary>The longest that a call waits, in a queue and under way.</summary>
    public TimeSpan Timeout => options.Timeout;

    /// <summary>Whether this says that Redis was of no use in time.</summary>
    public static bool IsOfNoUse(Exception failure) => failure is RedisUnavailableException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Sends one call. How it ended is to be told to <see cref="Returned"/> or <see cref="Failed"/>.</summary>
    /// <param name="keys">The windows.</param>
    /// <param name="arguments">What <c>Acquire.lua</c> says.</param>
    /// <param name="deadline">Cancelled when the time is over.</param>
    public ValueTask<RedisReply> SendAsync(RedisKeys keys, RedisArguments arguments, CancellationToken deadline) => connection.RunAsync(Script, keys, arguments, deadline);

    /// <summary>Sends a single call, with a time limit of its own.</summary>
    /// <returns>What the script returned; null when Redis was of no use in time.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<byte[]?> RunAloneAsync(RedisKeys keys, RedisArguments arguments, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var reply = (await SendAsync(keys, arguments, either.Token).ConfigureAwait(false)).ToBytes();
            Returned();
            return reply;
        }
        catch (Exception e) when (IsOfNoUse(e))
        {
            // A caller who gave up says nothing about Redis.
            cancellationToken.ThrowIfCancellationRequested();
            Failed(e);
            return null;
        }
    }

    /// <summary>What a key holds was written by a version that this one does not know: its callers are answered without Redis.</summary>
    public void FoundAnotherVersion()
    {
        if (Interlocked.Exchange(ref _hasFoundAnotherVersion, 1) == 0)
        {
            Log.RateLimitOfAnotherVersion(logger, options.WhenUnavailable);
        }
    }

    public void Failed(Exception failure)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Log.RateLimitsWithoutRedis(logger, options.WhenUnavailable, (failure as RedisUnavailableException)?.Failure ?? RedisFailure.TimedOut, failure as RedisUnavailableException);
        }
    }

    public void Returned()
    {
        _nodes?.Carry();
        if (Volatile.Read(ref _isAway) == 1 && Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            fallback.Ended();
            Log.RateLimitsInRedisAgain(logger);
        }
    }
}
