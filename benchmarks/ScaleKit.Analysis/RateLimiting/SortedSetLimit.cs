using System.Globalization;
using ScaleKit.Redis;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>
/// The classical limit in Redis: a sorted set with a member for each permit, by the caller's clock, one EVALSHA a call. It goes through the connection that the
/// library's own limiter uses, with the same timeout and breaker, so that nothing but the two ways of counting is compared.
/// </summary>
internal sealed class SortedSetLimit(RedisConnection connection, TimeProvider clock, int limit, TimeSpan window)
{
    private static readonly RedisScript Script = RedisScript.Load("Rivals", "SortedSet", typeof(SortedSetLimit).Assembly);

    private readonly RedisArgument _window = (long)window.TotalMilliseconds;
    private readonly RedisArgument _limit = (long)limit;

    public RedisName Name(string key) => connection.Names.Name("rival", key);

    public async ValueTask<bool> TakeAsync(RedisName name)
    {
        RedisArgument now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var reply = await connection.RunAsync(
            Script, [name], [now, _window, _limit, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)], CancellationToken.None);
        return reply.ToInt64() == 1;
    }
}
