using ScaleKit.Admission;
using ScaleKit.Caching;

namespace ScaleKit.Redis.Tests;

/// <summary>The test assembly as a program: a node, for tests that stop or kill a whole process: with a cache that answers each
/// key with what it serves, or with an admission queue.</summary>
internal static class Program
{
    public static async Task Main(string[] arguments)
    {
        if (arguments is [nameof(AdmissionQueue), var server, var caps, var queue])
        {
            await Admission.AdmissionProgram.RunAsync(server, caps, queue);
            return;
        }

        // The test host calls this too, with nothing.
        if (arguments is not [nameof(TwoLevelCache), var connectionString, var maxStaleness])
            return;
        await using var connection = Connect.To(connectionString);
        var options = new TwoLevelCacheOptions
        {
            Expiration = TimeSpan.FromHours(1),
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            MaxStaleness = TimeSpan.Parse(maxStaleness, System.Globalization.CultureInfo.InvariantCulture),
        };
        await using var cache = new TwoLevelCache(options, new RedisSharedStore(connection), new RedisInvalidationBus(connection));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (key, fresh) = (line.Split(' ')[0], line.Split(' ')[1]);
            await Console.Out.WriteLineAsync(await cache.GetOrCreateAsync(key, fresh, static (f, _) => ValueTask.FromResult(f)));
        }
    }
}
