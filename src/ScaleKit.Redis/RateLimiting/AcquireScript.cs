using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Redis;

/// <summary>Runs <c>Acquire.lua</c> within the caller's time, and tells once when Redis ceases and begins again to be of use. Thread-safe.</summary>
internal sealed class AcquireScript(RedisConnection connection, RedisRateLimitOptions options, RateLimitShare fallback, TimeProvider time, ILogger logger)
{
    private static readonly RedisScript Script = RedisScript.Load("RateLimiting", "Acquire");

    private readonly NodeCount? _nodes = options is { WhenUnavailable: RateLimitFallback.Local, Nodes: null } ? new NodeCount(connection, fallback, time) : null;
    private int _isAway;

    public RateLimitShare Fallback => fallback;

    public bool IsTopologyKnown => connection.IsTopologyKnown;

    /// <returns>What the script returned; null when Redis was of no use in time.</returns>
    public async ValueTask<byte[]?> RunAsync(bool atomic, List<RedisName> names, byte[] request, long since, CancellationToken cancellationToken)
    {
        var keys = RedisKeys.Create(CollectionsMarshal.AsSpan(names));
        var left = options.Timeout - time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        try
        {
            var call = connection.RunAsync(Script, keys, [atomic ? "all" : "each", request], cancellationToken).AsTask();
            Late.Observe(call);
            var reply = (await call.WaitAsync(left, time, cancellationToken).ConfigureAwait(false)).ToBytes();
            Returned();
            return reply;
        }
        catch (Exception e) when (e is RedisUnavailableException or TimeoutException or ObjectDisposedException)
        {
            Failed(e);
            return null;
        }
    }

    private void Failed(Exception failure)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Log.RateLimitsWithoutRedis(logger, options.WhenUnavailable, (failure as RedisUnavailableException)?.Failure ?? RedisFailure.TimedOut, failure as RedisUnavailableException);
        }
    }

    private void Returned()
    {
        _nodes?.Carry();
        if (Volatile.Read(ref _isAway) == 1 && Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            Log.RateLimitsInRedisAgain(logger);
        }
    }
}
