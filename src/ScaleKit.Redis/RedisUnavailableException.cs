namespace ScaleKit.Redis;

/// <summary>
/// Redis could not serve a call in time. The only exception, besides cancellation and disposal, that a call through
/// <see cref="RedisConnection"/> throws. The message names the operation and the end points and holds neither keys nor secrets.
/// </summary>
public sealed class RedisUnavailableException : Exception
{
    /// <summary>Creates the exception without details.</summary>
    public RedisUnavailableException()
        : this("Redis is not available.")
    {
    }

    /// <summary>Creates the exception with a message of its own.</summary>
    /// <param name="message">What happened.</param>
    public RedisUnavailableException(string message)
        : this(message, innerException: null)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What caused it.</param>
    public RedisUnavailableException(string message, Exception? innerException)
        : base(message, innerException) => (Operation, EndPoint) = ("", "");

    /// <summary>Creates the exception with all details.</summary>
    /// <param name="failure">Why Redis was of no use.</param>
    /// <param name="operation">The operation or script.</param>
    /// <param name="endPoint">The end points, without secrets.</param>
    /// <param name="detail">What more is known, shown after the operation.</param>
    /// <param name="retryAfter">When another call makes sense, if known.</param>
    /// <param name="innerException">What caused it.</param>
    public RedisUnavailableException(
        RedisFailure failure, string operation, string endPoint, string detail, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base($"Redis at {endPoint} did not serve '{operation}': {detail}", innerException)
    {
        Failure = failure;
        Operation = operation;
        EndPoint = endPoint;
        RetryAfter = retryAfter;
    }

    /// <summary>Why Redis was of no use.</summary>
    public RedisFailure Failure { get; }

    /// <summary>The operation or script that failed: one of a few fixed names.</summary>
    public string Operation { get; }

    /// <summary>The end points of the connection, without secrets.</summary>
    public string EndPoint { get; }

    /// <summary>When another call makes sense; <see langword="null"/> when unknown.</summary>
    public TimeSpan? RetryAfter { get; }
}
