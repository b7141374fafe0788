using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.Migration;

namespace ChatRooms.Tests;

public sealed class TelemetryExportTests
{
    [Fact]
    public async Task Otlp_Collector_ReceivesTheMetersAndTracesOfThePackagesAndOfTheApplication()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var collector = WebApplication.CreateSlimBuilder().Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{kind}", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            bodies.Enqueue(await reader.ReadToEndAsync());
        });
        await collector.StartAsync();
        using var folder = new DataFolder(null);

        // Disposing it sends what is left.
        await using (var app = await ChatServer.StartAsync(new ChatOptions { Simulate = 0, Otlp = collector.Urls.First() }, folder, "http://127.0.0.1:0"))
        {
            using var client = new HttpClient { BaseAddress = ChatServer.AddressOf(app) };
            await client.GetStringAsync("/health");
            Assert.True((await app.Services.GetRequiredService<MigrationLadder>().AdvanceAsync()).Moved);
        }

        var sent = string.Concat(bodies);
        foreach (var name in new[] { "ScaleKit.Admission", "scalekit.admission.seats", "scalekit.migration.phase", "scalekit.migration.move", "GET" })
            Assert.Contains(name, sent, StringComparison.Ordinal);
    }
}
