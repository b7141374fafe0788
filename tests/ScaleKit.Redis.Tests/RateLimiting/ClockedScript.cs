using System.Globalization;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary><c>Acquire.lua</c> on a real server, with a clock that the test sets and keys that stay.</summary>
internal sealed class ClockedScript : IAsyncDisposable
{
    private static readonly string Source = RedisScript.Load("RateLimiting", "Acquire").Source
        .Replace("call('TIME')", "{ 0, ARGV[3] }", StringComparison.Ordinal)
        .Replace(", 'PX', life)", ")", StringComparison.Ordinal);

    private readonly RedisServer _server;
    private readonly ConnectionMultiplexer _client;
    private readonly byte[] _hash;

    private ClockedScript(RedisServer server, ConnectionMultiplexer client, byte[] hash) => (_server, _client, _hash) = (server, client, hash);

    public IDatabase Database => _client.GetDatabase();

    public RedisServer Server => _server;

    public static async Task<ClockedScript> StartAsync()
    {
        Assert.Contains("ARGV[3]", Source, StringComparison.Ordinal);
        Assert.DoesNotContain("'PX'", Source, StringComparison.Ordinal);
        var server = await RedisServer.StartAsync();
        var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",syncTimeout=30000");
        return new ClockedScript(server, client, Convert.FromHexString(await server.CommandAsync("SCRIPT", "LOAD", Source)));
    }

    public ScriptAnswer Take(string key, RateLimitPolicy policy, int permits, long now) => Run(key, policy, AcquireKind.Take, permits, now);

    /// <summary>The answer that <see cref="Take"/> would give, without taking.</summary>
    public ScriptAnswer Try(string key, RateLimitPolicy policy, int permits, long now)
    {
        var copy = key + "'";
        var value = Database.StringGet(key);
        _ = value.IsNull ? Database.KeyDelete(copy) : Database.StringSet(copy, value);
        return Run(copy, policy, AcquireKind.Take, permits, now);
    }

    public ScriptAnswer Run(string key, RateLimitPolicy policy, AcquireKind kind, int permits, long now, int callers = 1)
    {
        var request = new AcquireRequest();
        request.Key(WindowShape.Of(policy));
        request.Run(kind, permits, callers);
        var reply = new AcquireReply(Send([key], request, now));
        var (used, reset, _) = reply.Key();
        var (served, retry) = reply.Run();
        return new ScriptAnswer(used, served, retry, reset);
    }

    /// <summary>One permit for a caller and, behind it, as many ahead as are free.</summary>
    public (int Served, int Ahead, long Bucket, TimeSpan ResetAfter, int Remaining) TakeAhead(string key, RateLimitPolicy policy, int ahead, long now)
    {
        var request = new AcquireRequest();
        request.Key(WindowShape.Of(policy));
        request.Run(AcquireKind.Take, permits: 1, callers: 1);
        request.Run(AcquireKind.Take, permits: 1, ahead);
        var reply = new AcquireReply(Send([key], request, now));
        var (used, reset, bucket) = reply.Key();
        var (served, taken) = ((int)reply.Run().Served, (int)reply.Run().Served);
        return (served, taken, bucket, reset, (int)(policy.Limit - used - served - taken));
    }

    public void Return(string key, RateLimitPolicy policy, int permits, long bucket, long now) =>
        Run(key, policy, AcquireKind.Return, permits, now, callers: unchecked((int)bucket));

    public byte[] Send(RedisKey[] keys, AcquireRequest request, long now, bool atomic = false) =>
        (byte[])Database.ScriptEvaluate(_hash, keys, [request.ToBytes(), atomic ? "all" : "", now.ToString(CultureInfo.InvariantCulture)]);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Times in microseconds of the test's clock.</summary>
internal sealed record ScriptAnswer(long Used, long Served, TimeSpan RetryAfter, TimeSpan ResetAfter)
{
    public bool IsServed => Served > 0;

    public long Retry => RetryAfter.Ticks / TimeSpan.TicksPerMicrosecond;

    public long Reset => ResetAfter.Ticks / TimeSpan.TicksPerMicrosecond;
}
