using Microsoft.AspNetCore.Http;

namespace ScaleKit.AspNetCore;

/// <summary>
/// How the admission queue meets HTTP. Set with <c>services.Configure&lt;HttpAdmissionOptions&gt;(…)</c>; read when the pipeline and its endpoints are built.
/// The caps, and the kill switch, are those of the queue.
/// </summary>
public sealed class HttpAdmissionOptions
{
    private static readonly TimeSpan GreatestWait = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a request may stand in the line before it is refused, zero to ten minutes. A request that waits holds its connection; browsers and proxies give up
    /// after a minute or so.
    /// </summary>
    /// <value>Zero: refused at once, with a hint when to come again.</value>
    public TimeSpan MaximumWait { get; set; }

    /// <summary>
    /// The visitor's name on the lease, or null for a nameless one. With <c>AdmissionOptions.SameClient</c> it is what tells whether the same client comes again.
    /// </summary>
    /// <value>The name of the authenticated user, else null.</value>
    public Func<HttpContext, string?> ClientIdSelector { get; set; } = ClientKey.UserName;

    internal static HttpAdmissionOptions CheckedCopy(HttpAdmissionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ClientIdSelector is null)
        {
            throw new ArgumentException($"{nameof(HttpAdmissionOptions)}.{nameof(ClientIdSelector)} is null.", nameof(options));
        }

        var wait = options.MaximumWait;
        return wait < TimeSpan.Zero || wait > GreatestWait
            ? throw new ArgumentException(
                $"{nameof(HttpAdmissionOptions)}.{nameof(MaximumWait)} is {wait:c}; it must be zero to {GreatestWait:c}.", nameof(options))
            : new HttpAdmissionOptions { MaximumWait = wait, ClientIdSelector = options.ClientIdSelector };
    }
}
