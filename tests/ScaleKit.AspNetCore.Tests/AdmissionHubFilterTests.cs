using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

/// <summary>A real hub over a real WebSocket, spoken to by hand in SignalR's JSON protocol.</summary>
public sealed class AdmissionHubFilterTests
{
    private const char RecordEnd = '\u001e';

    [Fact]
    public async Task HubMethod_CalledNowAndThen_KeepsTheSeatUntilTheCallsStop()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                services.AddAdmissionQueue(options => (options.RoomCapacity, options.IdleTimeout) = (1, TimeSpan.FromSeconds(45)));
                services.AddSignalR(options => options.AddFilter<AdmissionHubFilter>());
            },
            pipeline =>
            {
                _ = pipeline.UseScaleKitAdmission(context => context.Request.Path.StartsWithSegments("/chat", StringComparison.Ordinal) ? "blue" : null);
                _ = pipeline.MapHub<Chat>("/chat");
            });
        using var socket = await app.ConnectAsync("/chat");
        Assert.Equal("{}", await CallAsync(socket, """{"protocol":"json","version":1}"""));

        for (var second = 0; second < 120; second += 30)
        {
            app.Time.Advance(TimeSpan.FromSeconds(30));
            Assert.Contains("\"result\":\"hello\"", await CallAsync(socket, """{"type":1,"invocationId":"1","target":"Say","arguments":["hello"]}"""), StringComparison.Ordinal);
        }

        Assert.Equal(1, app.Queue.GetSnapshot().Seats);
        app.Time.Advance(TimeSpan.FromSeconds(46));
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Seats == 0, "the silent one has lost its seat");
    }

    private static async Task<string> CallAsync(ClientWebSocket socket, string message)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message + RecordEnd), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        var buffer = new byte[1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, patience.Token);
            var answer = Encoding.UTF8.GetString(buffer, 0, received.Count).TrimEnd(RecordEnd);

            // Between answers the hub pings.
            if (!answer.Contains("\"type\":6", StringComparison.Ordinal))
            {
                return answer;
            }
        }
    }

    public sealed class Chat : Hub
    {
        public string Say(string words) => words;
    }
}
