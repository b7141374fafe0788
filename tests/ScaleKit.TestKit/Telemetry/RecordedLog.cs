using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ScaleKit.TestKit;

/// <summary>Keeps all that is logged, of every level and category, in order. Thread-safe.</summary>
public sealed class RecordedLog : ILoggerFactory, ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(EventId Event, LogLevel Level, string Text, Exception? Exception)> _entries = new();

    /// <summary>What was logged until now.</summary>
    public IReadOnlyList<(EventId Event, LogLevel Level, string Text, Exception? Exception)> Entries => [.. _entries];

    /// <summary>The texts alone, without exceptions.</summary>
    public IReadOnlyList<string> Lines => [.. _entries.Select(static entry => entry.Text)];

    /// <summary>The names of the events: those of the methods of a <c>Log</c> class.</summary>
    public IReadOnlyList<string?> Events => [.. _entries.Select(static entry => entry.Event.Name)];

    /// <summary>This one.</summary>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _entries.Enqueue((eventId, logLevel, formatter(state, exception), exception));
    }

    /// <summary>Not for tests: there is nothing else to write to.</summary>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <summary>Nothing to end: what was recorded can still be read.</summary>
    public void Dispose()
    {
    }
}
