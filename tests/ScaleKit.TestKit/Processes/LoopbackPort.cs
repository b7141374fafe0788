using System.Net;
using System.Net.Sockets;

namespace ScaleKit.TestKit;

/// <summary>Free TCP ports on the loopback interface.</summary>
public static class LoopbackPort
{
    // Below the kernel's ephemeral range (32768 and up), so that no outgoing connection takes the port of a killed server
    // before its restart; and low enough that a Redis Cluster bus port (port + 10000) stays below that range too.
    private const int Lowest = 10_000;
    private const int Highest = 22_000;
    private const int BusOffset = 10_000;

    /// <summary>A port that nobody listens on now, and whose Redis Cluster bus port (10,000 higher) is free as well.</summary>
    public static int Find()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (IsFree(port) && IsFree(port + BusOffset))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free loopback port between {Lowest} and {Highest}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
