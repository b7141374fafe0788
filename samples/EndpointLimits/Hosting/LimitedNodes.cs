using ScaleKit.Redis;

namespace EndpointLimits;

/// <summary>The servers: one, or with Redis two that share the limits.</summary>
internal sealed class LimitedNodes(IReadOnlyList<WebApplication> apps) : IAsyncDisposable
{
    public IReadOnlyList<Uri> Addresses { get; } = [.. apps.Select(LimitedApp.AddressOf)];

    public static async Task<LimitedNodes> StartAsync(LimitsFile limits, SampleOptions options)
    {
        var apps = new List<WebApplication>();
        try
        {
            do
            {
                apps.Add(await LimitedApp.StartAsync(limits, options));
            }
            while (apps.Count < (options.Redis is null ? 1 : 2));

            if (options.Redis is { } redis && await apps[0].Services.GetRequiredService<RedisConnection>().CheckHealthAsync() is { IsHealthy: false })
                throw new IOException($"no Redis answers at {redis}.");
            return new LimitedNodes(apps);
        }
        catch
        {
            await DisposeAsync(apps);
            throw;
        }
    }

    public async Task<int> ServeAsync(LimitsFile limits)
    {
        Console.WriteLine($"Edit {limits.Path} while this runs; every save is in force at once. Ctrl+C ends it.");
        foreach (var node in Addresses)
        {
            Console.WriteLine($"  curl -i -X POST -H '{LimitedApp.UserHeader}: ann' {node}auth/login");
            Console.WriteLine($"  curl -i -H '{LimitedApp.UserHeader}: acme' {node}workspaces/data");
            Console.WriteLine($"  curl -i -H '{LimitedApp.UserHeader}: ann' {node}workspaces/export");
            Console.WriteLine($"  curl -i -X POST -H '{LimitedApp.UserHeader}: mallory' {node}ai/chat");
        }

        await apps[0].WaitForShutdownAsync();
        return 0;
    }

    public ValueTask DisposeAsync() => DisposeAsync(apps);

    private static async ValueTask DisposeAsync(IEnumerable<WebApplication> apps)
    {
        foreach (var app in apps)
            await app.DisposeAsync();
    }
}
