using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ChatRooms.Tests;

public sealed class MetricsExportTests
{
    [Fact]
    public async Task Otlp_Collector_ReceivesTheMetersOfThePackagesAndOfTheApplication()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var collector = WebApplication.CreateSlimBuilder().Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/metrics", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            bodies.Enqueue(await reader.ReadToEndAsync());
        });
        await collector.StartAsync();
        using var folder = new DataFolder(null);

        await using (await ChatServer.StartAsync(new ChatOptions { Simulate = 0, Otlp = collector.Urls.First() }, folder, "http://127.0.0.1:0"))
        {
            // Disposing it sends what is left.
        }

        var sent = string.Concat(bodies);
        foreach (var meter in new[] { "ScaleKit.Admission", "scalekit.admission.seats", "scalekit.migration.phase" })
            Assert.Contains(meter, sent, StringComparison.Ordinal);
    }
}
