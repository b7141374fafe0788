using System.Net;
using System.Net.Sockets;

namespace SessionCache;

/// <summary>Carries bytes between clients on a loopback port and a server. Cut, it drops every connection and accepts no new one for longer than a moment.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly HashSet<Socket> _open = [];
    private readonly Task _accepting;
    private readonly string _host;
    private readonly int _port;
    private bool _isCut;

    public TcpRelay(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public void Cut()
    {
        lock (_open)
        {
            _isCut = true;
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    public void Mend()
    {
        lock (_open)
            _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Cut();
        await _accepting;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptSocketAsync(_ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            try
            {
                if (!TryOpen(near) || !TryOpen(far))
                    return;
                await far.ConnectAsync(_host, _port);
                near.NoDelay = far.NoDelay = true;
                await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // Nobody is at the other end, or the line was cut meanwhile: the client sees that its connection is closed.
            }
            finally
            {
                Close(near);
                Close(far);
            }
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Cut, or one end has gone.
        }
    }

    private bool TryOpen(Socket socket)
    {
        lock (_open)
            return !_isCut && _open.Add(socket);
    }

    private void Close(Socket socket)
    {
        lock (_open)
            _open.Remove(socket);
        socket.Dispose();
    }
}
