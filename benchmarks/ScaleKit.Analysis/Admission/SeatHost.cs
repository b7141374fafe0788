using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Analysis.Admission;

/// <summary>
/// A web server on which each WebSocket waits for a seat, is told when it has one, and keeps it until it closes. It counts by itself who sits, from after the seat was
/// given until before it is given back: whatever the gate says, these are the caps that it kept.
/// </summary>
internal sealed class SeatHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SeatGate _gate;
    private readonly ConcurrentDictionary<string, StrongCount> _rooms = new(StringComparer.Ordinal);
    private readonly StrongCount _all = new();
    private readonly StrongCount _roomsInUse = new();

    private SeatHost(WebApplication app, SeatGate gate) => (_app, _gate) = (app, gate);

    /// <summary>Takes a seat in a room; what it returns gives the seat back.</summary>
    public delegate ValueTask<Func<ValueTask>> SeatGate(string room, CancellationToken cancellationToken);

    public Uri Address => new UriBuilder(_app.Urls.First()) { Scheme = "ws" }.Uri;

    public int Seated => _all.Now;

    public int Most => _all.Most;

    public int MostInRoom => _rooms.Values.Max(room => room.Most);

    public int MostRooms => _roomsInUse.Most;

    public static async Task<SeatHost> StartAsync(SeatGate gate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var host = new SeatHost(builder.Build(), gate);
        host._app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        host._app.Run(host.HandleAsync);
        await host._app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var room = context.Request.Path.Value!;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var giveBack = await _gate(room, context.RequestAborted);
        var inRoom = _rooms.GetOrAdd(room, static _ => new StrongCount());
        try
        {
            _all.Add(1);
            if (inRoom.Add(1) == 1)
            {
                _roomsInUse.Add(1);
            }

            await socket.SendAsync(new byte[1].AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted);
            await socket.ReceiveAsync(new byte[1].AsMemory(), context.RequestAborted);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // The client has gone without a word.
        }
        finally
        {
            if (inRoom.Add(-1) == 0)
            {
                _roomsInUse.Add(-1);
            }

            _all.Add(-1);
            await giveBack();
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, context.RequestAborted);
    }

    /// <summary>A number and the highest that it was.</summary>
    private sealed class StrongCount
    {
        private readonly Lock _gate = new();

        public int Now { get; private set; }

        public int Most { get; private set; }

        public int Add(int change)
        {
            lock (_gate)
            {
                Now += change;
                Most = Math.Max(Most, Now);
                return Now;
            }
        }
    }
}
