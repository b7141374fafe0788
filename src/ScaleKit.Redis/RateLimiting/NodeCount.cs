using System.Globalization;

namespace ScaleKit.Redis;

/// <summary>
/// Tells Redis now and then that this node takes part, and learns how many do. It has no timer: calls of the limiter carry it along, so a node without calls is
/// no node that a limit must be shared with. Thread-safe.
/// </summary>
internal sealed class NodeCount(RedisConnection connection, RateLimitShare share, TimeProvider time)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly RedisScript Script = RedisScript.Load("RateLimiting", "Nodes");

    private readonly string _node = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
    private readonly RedisName _name = connection.Names.Name("rl-nodes", "all");
    private long _next = long.MinValue;

    /// <summary>To be called when Redis has just answered.</summary>
    public void Carry()
    {
        var now = time.GetTimestamp();
        var next = Volatile.Read(ref _next);
        if (now >= next && Interlocked.CompareExchange(ref _next, now + (long)(Interval.TotalSeconds * time.TimestampFrequency), next) == next)
        {
            _ = CountAsync();
        }
    }

    private async Task CountAsync()
    {
        try
        {
            var reply = await connection.RunAsync(Script, [_name], [_node, (long)Silence.TotalMilliseconds], CancellationToken.None).ConfigureAwait(false);
            share.Nodes = (int)Math.Min(int.MaxValue, reply.ToInt64());
        }
        catch (Exception e) when (e is RedisUnavailableException or ObjectDisposedException)
        {
            // The number that was last known stays; the next call after the interval asks again.
        }
    }
}
