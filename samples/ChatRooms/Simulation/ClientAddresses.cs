using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ChatRooms;

/// <summary>
/// Lets simulated people come from different addresses, 127.0.x.y, as real ones would: the limit on new sessions counts per
/// address. Where the system has only 127.0.0.1 (macOS), all come from there.
/// </summary>
internal sealed class ClientAddresses : IDisposable
{
    public const int PeoplePerAddress = 8;

    private readonly ConcurrentDictionary<int, HttpClient> _clients = new();

    public static bool CanDiffer { get; } = CanBind(AddressOf(1));

    public HttpClient Of(int person) => _clients.GetOrAdd(CanDiffer ? 1 + (person / PeoplePerAddress) : 0, Create);

    public string NameOf(int person) => CanDiffer ? AddressOf(1 + (person / PeoplePerAddress)).ToString() : "127.0.0.1";

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }

    private static IPAddress AddressOf(int number) => new([127, 0, (byte)(1 + (number / 250)), (byte)(1 + (number % 250))]);

    private static HttpClient Create(int number)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, UseProxy = false };
        if (CanDiffer)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(AddressOf(number), 0));
                    await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }
        return new HttpClient(handler);
    }

    private static bool CanBind(IPAddress address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
