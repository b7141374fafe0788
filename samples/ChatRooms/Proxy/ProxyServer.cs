namespace ChatRooms;

/// <summary>The one address before several nodes, when the program is started with --proxy.</summary>
internal static class ProxyServer
{
    public static async Task<int> RunAsync(string nodes, string urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        using var proxy = new ReverseProxy([.. nodes.Split(',').Select(node => new Uri(node))], TimeProvider.System);
        app.Run(proxy.InvokeAsync);
        await app.StartAsync();
        Console.WriteLine($"ChatRooms proxy: {ChatServer.AddressOf(app)}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
