using System.Globalization;
using System.Net.WebSockets;

namespace ScaleKit.Analysis.Admission;

/// <summary>Real WebSocket clients, each of which waits for one seat, sits for a while and goes.</summary>
internal sealed class SeatClients(Uri server, int rooms, TimeSpan stay)
{
    // More at once only wait in the queue of the listening socket.
    private const int ConnectingAtOnce = 128;
    private readonly Lock _gate = new();
    private readonly Sample _waits = new();
    private TimeSpan _firstSeat = TimeSpan.MaxValue;
    private TimeSpan _lastSeat;

    /// <summary>Milliseconds from connected to seated.</summary>
    public Sample Waits => _waits;

    /// <summary>Seats a second, from the first to the last.</summary>
    public double SeatedASecond { get; private set; }

    public int NotSeated { get; private set; }

    /// <summary>The most connections that were open at once.</summary>
    public int MostConnections { get; private set; }

    public async Task RunAsync(int connections, Action<int> progress)
    {
        using var handler = new HttpMessageInvoker(new SocketsHttpHandler());
        using var doors = new SemaphoreSlim(ConnectingAtOnce);
        var (startedAt, open) = (TimeProvider.System.GetTimestamp(), 0);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async i =>
        {
            using var socket = new ClientWebSocket();
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            await doors.WaitAsync();
            try
            {
                await socket.ConnectAsync(new Uri(server, string.Create(CultureInfo.InvariantCulture, $"room{i % rooms}")), handler, CancellationToken.None);
            }
            finally
            {
                doors.Release();
            }

            CountOpen(Interlocked.Increment(ref open));
            await SitAsync(socket, startedAt);
            Interlocked.Decrement(ref open);
            progress(1);
        }));
        SeatedASecond = (connections - NotSeated) / Math.Max(0.001, (_lastSeat - _firstSeat).TotalSeconds);
    }

    private async Task SitAsync(ClientWebSocket socket, long startedAt)
    {
        var connectedAt = TimeProvider.System.GetTimestamp();
        try
        {
            var word = await socket.ReceiveAsync(new byte[1].AsMemory(), CancellationToken.None);
            Seated(TimeProvider.System.GetElapsedTime(startedAt), TimeProvider.System.GetElapsedTime(connectedAt), word.MessageType == WebSocketMessageType.Binary);
            await Task.Delay(stay, TimeProvider.System);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            Seated(TimeSpan.Zero, TimeSpan.Zero, isSeated: false);
        }
    }

    private void CountOpen(int open)
    {
        lock (_gate)
        {
            MostConnections = Math.Max(MostConnections, open);
        }
    }

    private void Seated(TimeSpan at, TimeSpan wait, bool isSeated)
    {
        lock (_gate)
        {
            if (!isSeated)
            {
                NotSeated++;
                return;
            }

            _waits.Add(wait.TotalMilliseconds);
            (_firstSeat, _lastSeat) = (at < _firstSeat ? at : _firstSeat, at > _lastSeat ? at : _lastSeat);
        }
    }
}
