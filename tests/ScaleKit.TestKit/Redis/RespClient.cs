using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScaleKit.TestKit;

/// <summary>
/// One command over one connection of its own: a second opinion about the server that shares no code with the client under test.
/// </summary>
internal static class RespClient
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>Sends one command; the reply as text, arrays flattened to one element per line, nil as empty text.</summary>
    public static async Task<string> SendAsync(int port, string? password, IReadOnlyList<string> arguments)
    {
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        if (password is not null)
        {
            await WriteAsync(stream, ["AUTH", password], deadline.Token);
            await ReadAsync(reader, deadline.Token);
        }

        await WriteAsync(stream, arguments, deadline.Token);
        return await ReadAsync(reader, deadline.Token);
    }

    private static async Task WriteAsync(Stream stream, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{arguments.Count}\r\n");
        foreach (var argument in arguments)
        {
            command.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()), cancellationToken);
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The server closed the connection.");
        var rest = line[1..];
        switch (line[0])
        {
            case '+' or ':':
                return rest;
            case '-':
                throw new InvalidOperationException($"The server answered: {rest}");
            case '$':
                return await ReadTextAsync(reader, int.Parse(rest, CultureInfo.InvariantCulture), cancellationToken);
            case '*':
                var items = new List<string>();
                for (var left = int.Parse(rest, CultureInfo.InvariantCulture); left > 0; left--)
                {
                    items.Add(await ReadAsync(reader, cancellationToken));
                }

                return string.Join('\n', items);
            default:
                throw new InvalidDataException($"Unknown reply: {line}");
        }
    }

    private static async Task<string> ReadTextAsync(StreamReader reader, int length, CancellationToken cancellationToken)
    {
        if (length < 0)
        {
            return "";
        }

        // Latin-1 maps each byte to one char, so that lengths in bytes are lengths in chars until the end.
        var text = new char[length + 2];
        var read = await reader.ReadBlockAsync(text, cancellationToken);
        return read == text.Length
            ? Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text, 0, length))
            : throw new IOException("The server closed the connection within a reply.");
    }
}
