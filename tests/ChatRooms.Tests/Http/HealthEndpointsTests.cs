using ScaleKit.TestKit;

namespace ChatRooms.Tests;

public sealed class HealthEndpointsTests(ChatHost host) : IClassFixture<ChatHost>
{
    [Fact]
    public async Task Health_Running_IsAliveAndReadyWithALineForEachCheck()
    {
        var http = host.NewClient();

        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(host.Server, "health")));
        var ready = await http.GetStringAsync(new Uri(host.Server, "ready"));
        Assert.StartsWith("Healthy", ready, StringComparison.Ordinal);
        foreach (var check in new[] { "scalekit-rate-limiter", "scalekit-admission", "scalekit-service-level", "scalekit-migration" })
            Assert.Contains($"{check}: Healthy", ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_RedisIsKilledAndComesBack_SaysSoAndTheProcessIsAliveAllTheTime()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fleet = await ChatFleet.StartAsync(redis.ConnectionString, nodes: 1);
        var (http, node) = (fleet.NewClient(), fleet.Nodes[0].Server);

        await SaysAsync("redis: Healthy");
        await redis.KillAsync();
        await SaysAsync("redis: Degraded");
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(node, "health")));
        await redis.RestartAsync();
        await SaysAsync("redis: Healthy");

        Task SaysAsync(string expected) => Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri(node, "ready"));
                return (await answer.Content.ReadAsStringAsync()).Contains(expected, StringComparison.Ordinal);
            },
            expected);
    }
}
