using System.Globalization;
using StackExchange.Redis;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The classical limit in Redis: a sorted set with a member for each permit, by the caller's clock, one EVALSHA a call over the bare client.</summary>
internal sealed class SortedSetLimit
{
    private readonly IDatabase _database;
    private readonly byte[] _script;
    private readonly TimeProvider _clock;
    private readonly RedisValue _window;
    private readonly RedisValue _limit;

    private SortedSetLimit(IDatabase database, byte[] script, TimeProvider clock, int limit, TimeSpan window) =>
        (_database, _script, _clock, _limit, _window) = (database, script, clock, limit, (long)window.TotalMilliseconds);

    public static async Task<SortedSetLimit> OnAsync(IConnectionMultiplexer client, TimeProvider clock, int limit, TimeSpan window)
    {
        using var text = new StreamReader(typeof(SortedSetLimit).Assembly.GetManifestResourceStream("Rivals/SortedSet.lua")!);
        var script = await client.GetServer(client.GetEndPoints()[0]).ScriptLoadAsync(await text.ReadToEndAsync());
        return new SortedSetLimit(client.GetDatabase(), script, clock, limit, window);
    }

    public async Task<bool> TakeAsync(RedisKey key)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var reply = await _database.ScriptEvaluateAsync(_script, [key], [now, _window, _limit, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)]);
        return (long)reply == 1;
    }
}
