using System.Net;
using System.Net.Sockets;

namespace ChatRooms;

/// <summary>The usual port, or a free one when another program has it.</summary>
internal static class PortChoice
{
    public static string Urls() => IsFree(ChatServer.DefaultPort) ? $"http://localhost:{ChatServer.DefaultPort}" : "http://127.0.0.1:0";

    private static bool IsFree(int port)
    {
        try
        {
            foreach (var address in Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : new[] { IPAddress.Loopback })
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
