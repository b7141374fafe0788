using System.Net;
using System.Net.Sockets;

namespace ChatRooms;

/// <summary>Where to listen: the address that was asked for, else the usual port, or a free one when another program has it.</summary>
internal static class PortChoice
{
    /// <exception cref="IOException">The address that was asked for is taken or is none of this machine.</exception>
    public static string Urls(string? wanted)
    {
        if (wanted is null)
            return ProblemOf($"http://localhost:{ChatServer.DefaultPort}") is null ? $"http://localhost:{ChatServer.DefaultPort}" : "http://127.0.0.1:0";
        return ProblemOf(wanted) is { } problem ? throw new IOException($"cannot listen on {wanted}: {problem}") : wanted;
    }

    private static string? ProblemOf(string url)
    {
        var address = new Uri(url);
        IPAddress[] addresses = address.HostNameType switch
        {
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => [IPAddress.Parse(address.Host)],
            _ when !address.IsLoopback => [IPAddress.Any],
            _ when Socket.OSSupportsIPv6 => [IPAddress.Loopback, IPAddress.IPv6Loopback],
            _ => [IPAddress.Loopback],
        };
        try
        {
            foreach (var one in addresses)
            {
                using var listener = new TcpListener(one, address.Port);
                listener.Start();
            }
            return null;
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }
    }
}
