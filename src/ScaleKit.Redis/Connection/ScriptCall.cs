using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// EVALSHA, and EVAL where the server does not know the script. EVAL is routed by the key like the first try, so it reaches the very
/// server that lacked the script (after a restart, a failover, a moved slot) and leaves it there.
/// </summary>
internal readonly struct ScriptCall(RedisScript script, RedisKeys keys, RedisArguments arguments) : IRedisCall<RedisReply>
{
    public Task Send(IConnectionMultiplexer client) =>
        client.GetDatabase().ScriptEvaluateAsync(script.Hash, keys.Values, arguments.Values, Primary.Only);

    public Task SendAgain(IConnectionMultiplexer client) =>
        client.GetDatabase().ScriptEvaluateAsync(script.Source, keys.Values, arguments.Values, Primary.Only | CommandFlags.NoScriptCache);

    public RedisReply Read(Task completed) => new(((Task<RedisResult>)completed).Result);
}
