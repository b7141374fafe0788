using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

internal static class ScriptCalls
{
    /// <summary>Scripts that the server has run.</summary>
    public static async Task<long> ScriptCallsAsync(this RedisServer server)
    {
        var line = (await server.CommandAsync("INFO", "commandstats")).Split("\r\n").FirstOrDefault(l => l.StartsWith("cmdstat_evalsha:calls=", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture);
    }
}
