using System.Globalization;
using System.Net.WebSockets;

namespace ScaleKit.Analysis.Admission;

/// <summary>Real WebSocket clients, each of which waits for one seat, sits for a while and goes. Nobody goes before all have come.</summary>
internal sealed class SeatClients(Uri server, int rooms, TimeSpan stay)
{
    // More at once only wait in the queue of the listening socket.
    private const int ConnectingAtOnce = 128;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<long> _allHaveCome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _longest;

    /// <summary>Milliseconds from the moment at which all had come until the seat, of those who had none by then.</summary>
    public Sample Waits { get; } = new();

    /// <summary>Seats a second, from that moment to the last seat.</summary>
    public double SeatedASecond => Waits.Count / Math.Max(0.001, _longest.TotalSeconds);

    public int NotSeated { get; private set; }

    /// <summary>The most connections that were open at once.</summary>
    public int MostConnections { get; private set; }

    public async Task RunAsync(int connections, Action<int> progress)
    {
        using var handler = new HttpMessageInvoker(new SocketsHttpHandler());
        using var doors = new SemaphoreSlim(ConnectingAtOnce);
        var open = 0;
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

            if (Interlocked.Increment(ref open) == connections)
            {
                MostConnections = connections;
                _allHaveCome.SetResult(TimeProvider.System.GetTimestamp());
            }

            await SitAsync(socket);
            progress(1);
        }));
    }

    private async Task SitAsync(ClientWebSocket socket)
    {
        try
        {
            var word = await socket.ReceiveAsync(new byte[1].AsMemory(), CancellationToken.None);
            var seatedAt = TimeProvider.System.GetTimestamp();
            Seated(TimeProvider.System.GetElapsedTime(await _allHaveCome.Task, seatedAt), word.MessageType == WebSocketMessageType.Binary);
            await Task.Delay(stay, TimeProvider.System);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            Seated(TimeSpan.Zero, isSeated: false);
        }
    }

    private void Seated(TimeSpan wait, bool isSeated)
    {
        lock (_gate)
        {
            if (!isSeated)
            {
                NotSeated++;
            }
            else if (wait > TimeSpan.Zero)
            {
                Waits.Add(wait.TotalMilliseconds);
                _longest = wait > _longest ? wait : _longest;
            }
        }
    }
}
