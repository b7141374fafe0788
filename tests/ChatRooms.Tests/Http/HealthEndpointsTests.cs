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
}
